-- The legacy system: Django 1.11 tables on PostgreSQL, grown from 2011 to 2019.
--
-- What a reader should know before mapping it:
--   * every timestamp is local time of the head office (America/New_York), without a zone;
--   * foreign keys were never declared, parents were deleted by hand;
--   * "deleted" has three states: true, false, and null for rows older than the column;
--   * money is numeric where the finance team asked for it, text everywhere else.

create table languages (
  code text primary key,
  name text not null
);

create table genders (
  id smallint primary key,
  name text not null
);

create table dispatch_role (
  id smallint primary key,
  code varchar(20) not null,
  name varchar(60) not null,
  permissions text not null default '', -- JSON
  is_deleted smallint                   -- 0, 1, null
);

create table auth_user (
  id integer primary key,
  username varchar(150) not null,
  password varchar(128) not null,
  first_name varchar(150) not null default '',
  last_name varchar(150) not null default '',
  email varchar(254) not null default '', -- never unique, in spite of the login form
  is_active boolean not null,
  last_login timestamp,
  date_joined timestamp not null
);

create table dispatch_profile (
  id integer primary key,
  user_id integer not null,
  role_id smallint,
  language varchar(8) not null default '',
  mobile varchar(30),
  phone varchar(30),
  preferences text not null default '', -- JSON, in the first years str() of a Python dict
  deleted boolean
);

create table dispatch_office (
  id integer primary key,
  kind char(1) not null,       -- O office, L laboratory, W warehouse
  code varchar(10) not null,   -- state and office number: NY-12
  name varchar(200) not null,
  city varchar(100) not null,
  state char(2),
  zip integer,                 -- lost its leading zeros in a spreadsheet
  opened varchar(10) not null, -- a date as MySQL wrote it, before the move to PostgreSQL
  deleted_at timestamp,
  created timestamp not null,
  updated timestamp not null
);

create table dispatch_doctor (
  id integer primary key,
  profile_id integer not null,
  office_id integer,
  default_patient_id bigint,   -- the demo patient of the doctor's training
  license_no varchar(80) not null,
  specialty smallint,
  status smallint,
  credit_limit varchar(30) not null default '',
  deleted boolean,
  created timestamp not null,
  updated timestamp not null
);

create table dispatch_patient (
  id bigint primary key,
  doctor_id integer,
  chart_number varchar(20) not null,
  first_name varchar(100) not null default '',
  last_name varchar(100) not null default '',
  email varchar(254) not null default '',
  gender smallint,
  birth_date varchar(10) not null default '',
  notes text,                  -- HTML of a rich text field
  balance varchar(30) not null default '',
  deleted boolean,
  created timestamp not null,
  updated timestamp not null,
  search text -- names once more, for the search box
);

create table dispatch_order (
  id integer primary key,
  number varchar(30) not null,
  patient_id bigint not null,
  entered_by varchar(150) not null default '', -- a user name, not a key
  status char(1),
  subtotal numeric(12, 2) not null,
  discount numeric not null default 0,
  tax numeric(14, 6) not null default 0,
  total varchar(30) not null default '',       -- as printed on the invoice
  shipping_cents integer not null default 0,
  payload text not null default '',            -- JSON of the order form
  due varchar(10) not null default '',         -- MM/DD/YYYY
  exported_ms bigint not null default 0,       -- to the accounting system; 0: not yet
  is_deleted smallint,
  created timestamp not null,
  updated timestamp not null,
  lock_version integer not null default 0
);

-- Written by a trigger that could fire twice: no key at all.
create table dispatch_orderstate (
  order_id integer not null,
  seq smallint not null,
  state char(1) not null,
  username varchar(150),
  comment text not null default '',
  changed timestamp not null
);

create index on dispatch_profile (user_id);
create index on dispatch_orderstate (order_id, seq);
