-- What the clinics and the lab work on: cases and their tasks.

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
