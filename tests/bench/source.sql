-- The work of performance.md. `bench.rows` (default 1000000) sets the number of tasks; a tenth as many patients,
-- a two-hundredth as many doctors.
create table doctors (id int primary key, name text not null);
create table patients (id int primary key, name text not null);
create table tasks (
  id int primary key,
  patient_id int not null,
  doctor_id int not null,
  kind smallint not null,
  title varchar(40) not null,
  body varchar(120) not null,
  status char(1) not null,
  price numeric(12,2) not null,
  created timestamp not null,
  finished timestamp,
  urgent boolean not null,
  extra jsonb not null
);
create temporary table size as
select tasks, greatest(tasks / 10, 10) as patients, greatest(tasks / 200, 5) as doctors
from (select coalesce(nullif(current_setting('bench.rows', true), ''), '1000000')::int) as given (tasks);
insert into doctors select n, 'Doctor ' || n from size, generate_series(1, size.doctors) n;
insert into patients select n, 'Patient ' || n from size, generate_series(1, size.patients) n;
insert into tasks
select n, 1 + (n::bigint * 7919) % size.patients, 1 + (n::bigint * 104729) % size.doctors, n % 8,
       'Task ' || lpad(n::text, 14, '0') || ' ', 'Body ' || repeat(md5(n::text), 2) || lpad((n % 99999)::text, 11, '0'),
       substr('NPD', 1 + n % 3, 1), ((n::bigint * 31) % 10000000) / 100.0,
       timestamp '2015-01-01 09:00' + make_interval(mins => n),
       case when n % 3 > 0 then timestamp '2015-02-01 09:00' + make_interval(mins => n, secs => 0.25) end,
       n % 5 = 0, jsonb_build_object('n', n, 'tag', 'x' || n % 10)
from size, generate_series(1, size.tasks) n;
drop table size;
analyze;
