-- How teeth are moved: scans of jaws, the plans made of them, the lab's projects, and what the planners choose from.

create table dispatch_jaw (
  id integer primary key,
  patient_id bigint not null,
  arch varchar(10) not null,              -- U and L; words since the scanners
  teeth text not null default '',         -- JSON, FDI numbers of the teeth that are there
  crowding varchar(20) not null default '', -- millimetres as the German scanner writes them: 2,5
  scan_url varchar(200) not null,         -- with the token of whoever uploaded it
  scanned timestamp not null,
  deleted boolean
);

create table dispatch_treatmentplan (
  id integer primary key,
  patient_id bigint not null,
  upper_jaw_id integer,
  lower_jaw_id integer,
  revises_id integer,
  version varchar(10) not null,           -- 2, v2, V 2
  status smallint,
  stages varchar(20) not null default '', -- aligners of the upper and the lower jaw: 18+14
  summary text,                           -- HTML
  approved_by varchar(150) not null default '', -- a user name
  approved bigint not null default 0,     -- seconds since 1970; 0: not yet
  is_deleted smallint,
  created timestamp not null,
  updated timestamp not null
);

-- Every save of a form wrote its state again: no key at all.
create table dispatch_treatmentplanstate (
  plan_id integer not null,
  seq smallint not null,
  state varchar(10) not null,
  username varchar(150),
  note text not null default '',
  changed timestamp not null
);

create table dispatch_treatmentdiscussion (
  id integer primary key,
  plan_id integer not null,
  parent_id integer,
  user_id integer not null,               -- auth_user
  subject varchar(400) not null default '',
  body text not null default '',          -- HTML
  removed varchar(5) not null default '', -- yes, no, '' before there was a way to remove one
  posted timestamp not null
);

create table dispatch_project (
  id integer primary key,
  plan_id integer,
  code varchar(20) not null,
  name varchar(400) not null default '',
  status varchar(20) not null,
  budget varchar(30) not null default '', -- of the lab in Munich: 1.234,50 €
  started varchar(10) not null default '', -- DD.MM.YYYY
  finished varchar(10) not null default '',
  settings text not null default '',      -- JSON of the printer
  deleted_at timestamp,
  created timestamp not null,
  updated timestamp not null
);

create table dispatch_projectstep (
  id integer primary key,
  project_id integer not null,
  position smallint not null,
  next_id integer,                        -- the step that follows
  title varchar(200) not null default '',
  hours varchar(20) not null default '',
  done varchar(19) not null default ''    -- local time, as MySQL wrote it
);

create table dispatch_template (
  id smallint primary key,
  code varchar(40) not null,
  name varchar(200) not null,
  language varchar(8) not null default '',
  body text not null,                     -- HTML with {{ placeholders }}, rendered as it is
  archived smallint                       -- 0, 1, null
);

create table dispatch_templateviewgroup (
  id smallint primary key,
  template_id smallint not null,
  name varchar(60) not null,
  position smallint not null,
  filter text not null default ''         -- JSON
);

-- Many-to-many by hand, without the constraint that Django would have made.
create table dispatch_templateviewrole (
  group_id smallint not null,
  role_id smallint not null,
  can_edit char(1) not null default '',
  granted timestamp not null
);

create table dispatch_bracket (
  id smallint primary key,
  sku varchar(30) not null,
  brand varchar(60) not null,
  tooth smallint not null,                -- FDI
  slot varchar(10) not null,              -- inches: .022
  torque varchar(10) not null default '', -- degrees: +17°
  price varchar(20) not null default '',  -- of the wholesaler in Munich: 12,50 €
  obsolete boolean
);
