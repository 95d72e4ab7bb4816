-- Who works in the lab, what doctors are offered and buy, and what ties orders, cases, messages and files together.
-- Money is in dollars, and "paid" never was anything but text.

create table dispatch_technician (
  id integer primary key,
  user_id integer not null,               -- auth_user
  badge varchar(20) not null,
  rate varchar(30) not null default '',   -- by the hour
  skills varchar(200) not null default '', -- scan;print
  hired varchar(10) not null default '',  -- MM/DD/YYYY
  is_active char(1)                       -- Y, N, null
);

-- Many-to-many, written by a script that could be started twice: no key at all.
create table dispatch_technicianrole (
  technician_id integer not null,
  role_id smallint not null,
  granted timestamp not null
);

create table dispatch_discount (
  id smallint primary key,
  code varchar(20) not null,
  label varchar(200) not null default '',
  kind char(1) not null,                  -- P per cent, A amount
  value varchar(20) not null,             -- 15 %, $20.00
  valid_from varchar(8) not null default '', -- YYYYMMDD
  valid_to varchar(8) not null default ''
);

create table dispatch_offer (
  id integer primary key,
  number varchar(30) not null,
  doctor_id integer not null,
  patient_id bigint,
  title varchar(400) not null,
  status varchar(20) not null default '',
  list_price varchar(30) not null default '',
  reduction varchar(30) not null default '', -- 20.00, (20.00) or -20.00: always taken off
  price numeric(12, 2) not null,
  currency varchar(5) not null,
  valid_until varchar(10) not null default '',
  is_deleted smallint,
  created timestamp not null,
  updated timestamp not null
);

create table dispatch_offerdiscount (
  offer_id integer not null,
  discount_id smallint not null,
  position smallint not null
);

create table dispatch_purchase (
  id integer primary key,
  number varchar(30) not null,
  doctor_id integer,
  offer_id integer,
  entered_by varchar(150) not null default '', -- a user name
  status char(1),
  subtotal numeric(12, 2) not null,
  discount numeric(12, 2) not null,
  tax numeric(14, 6) not null,
  total numeric(12, 2) not null,
  paid varchar(30) not null default '',
  currency varchar(5) not null,
  purchased timestamp not null,
  is_deleted smallint,
  created timestamp not null,
  updated timestamp not null
);

-- A double click saved a line twice, the second time as it was meant.
create table dispatch_purchaseitem (
  purchase_id integer not null,
  line smallint not null,
  bracket_id smallint,
  title varchar(400) not null default '',
  quantity smallint not null,
  unit_price varchar(30) not null,
  amount numeric(12, 2) not null,
  updated timestamp not null
);

create table dispatch_ordercase (
  order_id integer not null,
  case_id integer not null,
  role char(1),                           -- P primary, R refinement
  linked timestamp not null
);

-- Many-to-many, without the constraint that Django would have made.
create table dispatch_messageattachment (
  message_id integer not null,
  file_id integer not null,
  position smallint not null,
  inline char(1),                         -- Y, N, null
  caption varchar(400) not null default ''
);

create table dispatch_casefile (
  case_id integer not null,
  file_id integer not null,
  purpose varchar(20),
  pinned smallint,
  added timestamp not null
);

-- Key and value, one row each, of every version of the web forms.
create table dispatch_doctorsetting (
  doctor_id integer not null,
  key varchar(60) not null,               -- page_size, pageSize
  value text not null default '',         -- JSON
  updated timestamp not null,
  primary key (doctor_id, key)
);

create index on dispatch_purchaseitem (purchase_id);
