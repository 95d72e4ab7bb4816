-- What the clinics and the lab work on: cases and their tasks, and what people write, send, file and pay.
-- auth_user, not dispatch_profile, is whom every user_id, owner_id, sender_id and recipient_id means.

create table dispatch_case (
  id integer primary key,
  order_id integer,
  kind smallint not null,
  priority varchar(20) not null default '',
  title varchar(400) not null,
  description text,
  trays smallint not null,
  is_rush smallint,
  received timestamp not null,
  due varchar(8) not null default '', -- YYYYMMDD
  deleted boolean,
  created timestamp not null,
  updated timestamp not null
);

create table dispatch_taskkind (
  id smallint primary key,
  name varchar(60) not null,
  obsolete boolean not null
);

create table dispatch_task (
  id bigint primary key,
  case_id integer,
  patient_id bigint not null,
  parent_id bigint,
  assignee_id integer,                 -- auth_user, not dispatch_profile
  kind smallint not null,
  title varchar(500) not null default '',
  description text,
  status char(1),
  price numeric(10, 2),
  estimate varchar(20) not null default '', -- 45 min
  due varchar(10) not null default '',
  deleted boolean,
  created timestamp not null,
  updated timestamp not null
);

-- Written by the terminals of the lab, which sent an entry again when no answer came: no key at all.
create table dispatch_casestate (
  case_id integer not null,
  seq smallint not null,
  state smallint not null,
  user_id integer not null default 0,        -- 0: nobody was logged in
  station varchar(20) not null default '',
  note text not null default '',
  sent_ms bigint not null                    -- by the terminal's clock, UTC; 0: it had none
);

create table dispatch_category (
  id smallint primary key,
  parent_id smallint,                        -- of the tree, in any order
  used_for char(1) not null,                 -- F files, C communications
  name varchar(100) not null,
  is_active smallint                         -- 0, 1, null
);

create table dispatch_message (
  id integer primary key,
  sender_id integer,                         -- null: the system
  recipient_id integer not null,
  case_id integer,
  reply_to_id integer,
  subject varchar(400) not null default '',
  body text not null,                        -- HTML of the editor
  importance char(1),
  sent timestamp,
  read varchar(19) not null default '',      -- YYYY-MM-DD HH:MM:SS, as MySQL wrote it
  deleted boolean
);

create table dispatch_file (
  id integer primary key,
  owner_id integer,
  patient_id bigint not null,
  category_id smallint,
  path varchar(500) not null,                -- below the store's root; Windows wrote it until 2013
  mime varchar(100) not null default '',     -- as the browser said
  size_bytes bigint not null,
  checksum varchar(40) not null default '',  -- MD5
  exif text not null default '',             -- JSON, where the picture was taken included
  uploaded timestamp not null,
  deleted boolean
);

create table dispatch_communication (
  id integer primary key,
  patient_id bigint not null,
  user_id integer,
  category_id smallint,                      -- why
  channel char(1) not null,                  -- P phone, S text message, F fax, E e-mail
  direction smallint,                        -- 1 in, -1 out
  address varchar(254) not null default '',  -- a number or an e-mail, as typed
  minutes varchar(10) not null default '',   -- 7,5: the telephone system was bought in Germany
  notes text,
  follow_up varchar(10) not null default '', -- M/D/YYYY
  happened timestamp not null,
  is_deleted smallint
);

create table dispatch_payment (
  id integer primary key,
  order_id integer,
  refund_of_id integer,                      -- dispatch_payment
  receipt varchar(20) not null,
  kind smallint not null,                    -- 1 payment, 2 refund
  method varchar(2) not null,
  amount varchar(30) not null,               -- as typed: $1,234.50, 1234.5, USD 12.00; refunds are negative
  currency varchar(4) not null default '',
  fee numeric(10, 2) not null,               -- of the card company
  status char(1),
  gateway text not null default '',          -- its answer, JSON
  paid timestamp not null,
  deleted boolean
);

create table django_content_type (
  id integer primary key,
  app_label varchar(100) not null,
  model varchar(100) not null
);

-- Django's generic key: content_type_id says which table object_pk is a key of.
create table django_comments (
  id integer primary key,
  content_type_id integer not null,
  object_pk text not null,
  parent_id integer,                         -- of a thread
  user_id integer,                           -- null: by the name alone
  user_name varchar(50) not null default '',
  comment text not null,
  submit_date timestamp not null,
  ip_address varchar(45) not null default '',
  is_public boolean not null,
  is_removed boolean
);

create table dispatch_notification (
  id integer primary key,
  recipient_id integer not null,
  content_type_id integer,                   -- null: to everybody, about nothing in particular
  object_id bigint,
  verb varchar(400) not null,
  level varchar(20) not null,
  data text not null default '',             -- JSON
  seen bigint not null default 0,            -- seconds since 1970; 0: not yet
  created timestamp not null,
  deleted boolean
);

create index on dispatch_casestate (case_id, seq);
