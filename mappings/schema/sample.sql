-- Fills the legacy schema, the same rows on every machine: no random(), no clock.
--
--   set clinic.scale = '62.5';   -- 1 (default): the sample; 62.5: full size, 762,000 tasks
--   set clinic.seed = '1';       -- other names, amounts and dates; every count stays the same
--
-- How the dirt is dosed: row n of a table is of class n % m, and each low class has one known defect
-- (DEFECTS.md lists them). m divides the table's size, so a class has exactly size / m rows at either scale.
-- Classes from m / 2 upwards are sound: nothing is wrong with them nor with anything that they refer to.
-- Rows of all classes refer to sound rows, unless a broken reference is the very defect of their class.

-- Compiling the statements below took 6 s, running them takes less than one.
set jit = off;

create function pg_temp.setting(name text, fallback text) returns text immutable language sql
  return coalesce(nullif(current_setting('clinic.' || name, true), ''), fallback);

create temporary table size as
select
  (40 * scale)::int as offices, 20 as office_classes,
  (240 * scale)::int as profiles, 120 as profile_classes,
  (160 * scale)::int as doctors, 80 as doctor_classes,
  (800 * scale)::int as patients, 200 as patient_classes,
  (800 * scale)::int as orders, 200 as order_classes,
  (640 * scale)::int as cases, 160 as case_classes,
  (12192 * scale)::int as tasks, 508 as task_classes
from (select pg_temp.setting('scale', '1')::numeric) as s (scale);

-- 32 hexadecimal digits that belong to row n of a table.
create function pg_temp.hash(seed text, of text, n bigint) returns text immutable language sql
  return md5(seed || ':' || of || ':' || n);

-- A number from 0 to size - 1; slots 0 to 12 of one hash are independent enough.
create function pg_temp.pick(hash text, slot int, size int) returns int immutable language sql
  return ('x' || substr(hash, 1 + 2 * slot, 7))::bit(28)::int % size;

create function pg_temp.one(hash text, slot int, of text[]) returns text immutable language sql
  return of[1 + pg_temp.pick(hash, slot, cardinality(of))];

-- The id of a sound row among the first `size`.
create function pg_temp.sound(hash text, slot int, size int, classes int) returns int immutable language sql
  return pg_temp.pick(hash, slot, size) / classes * classes
    + classes / 2 + pg_temp.pick(hash, slot, classes / 2);

-- The id of a row of that class, other ones for other n.
create function pg_temp.of_class(class int, n int, size int, classes int) returns int immutable language sql
  return n % (size / classes) * classes + class;

create function pg_temp.first_name(hash text) returns text immutable language sql
  return pg_temp.one(hash, 0, array['Ada', 'Ben', 'Chloe', 'Dmitri', 'Elena', 'Farid', 'Grace', 'Hugo', 'Ines',
    'Jamal', 'Keiko', 'Liam', 'Maya', 'Noah', 'Olga', 'Priya', 'Quinn', 'Rosa', 'Søren', 'Tomás']);

create function pg_temp.last_name(hash text) returns text immutable language sql
  return pg_temp.one(hash, 1, array['Adams', 'Brown', 'Costa', 'Diaz', 'Evans', 'Fischer', 'García', 'Hall',
    'Ivanova', 'Jones', 'Kim', 'Lopez', 'Müller', 'Nguyen', 'O''Brien', 'Patel', 'Rossi', 'Smith', 'Tanaka']);

-- One amount, written in the three ways that the legacy forms accepted.
create function pg_temp.money(hash text, slot int, amount numeric) returns text immutable language sql
  return case pg_temp.pick(hash, slot, 3)
    when 0 then '$' || to_char(amount, 'FM999,999,990.00')
    when 1 then trim_scale(amount)::text
    else amount::numeric(12, 2)::text end;

-- Office hours only, 2012 to 2019: never near a change of the clocks.
create function pg_temp.moment(hash text, slot int) returns timestamp immutable language sql
  return timestamp '2012-01-02 08:00'
    + pg_temp.pick(hash, slot, 2900) * interval '1 day' + pg_temp.pick(hash, slot + 1, 540) * interval '1 minute';

create function pg_temp.later(hash text, slot int) returns interval immutable language sql
  return pg_temp.pick(hash, slot, 90) * interval '1 day' + pg_temp.pick(hash, slot + 1, 300) * interval '1 minute';

insert into languages values
  ('ar', 'Arabic'), ('de', 'German'), ('en', 'English'), ('es', 'Spanish'), ('fr', 'French'), ('it', 'Italian'),
  ('ja', 'Japanese'), ('ko', 'Korean'), ('pt', 'Portuguese'), ('ru', 'Russian'), ('vi', 'Vietnamese'),
  ('zh', 'Chinese');

insert into genders values (0, 'not known'), (1, 'male'), (2, 'female'), (9, 'not applicable');

insert into dispatch_role values
  (1, 'ADMIN', 'Administrator', '["*"]', 0),
  (2, 'doctor ', 'Doctor', '["orders.add", "cases.view"]', 0),
  (3, 'assistant', 'Assistant', '["cases.view"]', 0),
  (4, 'Tech', 'Lab  technician', '["cases.change", "tasks.change"]', 0),
  (5, 'billing', 'Billing', '["orders.view"]', 0),
  (6, 'shipping', 'Shipping', '', null),
  (7, 'support', 'Support', '["tasks.view"]', null),
  (8, 'fax', 'Fax operator', '', 1);

insert into auth_user
select
  1000 + n, 'user' || n, 'pbkdf2_sha256$36000$' || h, name.first, name.last,
  case r
    when 21 then upper('user' || n - 20) || '@Clinic.example ' -- the address of the user 20 rows before
    when 2 then ''
    when 3 then ' '
    when 4 then 'user' || n || '(at)clinic.example'
    else 'user' || n || '@clinic.example' end,
  r <> 7,
  case when r <> 8 then joined.at + pg_temp.later(h, 6) end,
  joined.at
from size, generate_series(1, size.profiles) as n,
  lateral (select n % size.profile_classes, pg_temp.hash(pg_temp.setting('seed', '1'), 'user', n) offset 0) as x (r, h),
  lateral (select
    case r when 11 then convert_from(convert_to('Zoë', 'utf8'), 'latin1') when 12 then 'Ada 🦷'
      else pg_temp.first_name(h) end,
    case when r = 16 then '  ' || pg_temp.last_name(h) || '  ' else pg_temp.last_name(h) end) as name (first, last),
  lateral (select case r when 15 then timestamp '2019-03-10 02:30' when 17 then timestamp '2019-11-03 01:30'
    else pg_temp.moment(h, 4) end) as joined (at);

insert into dispatch_profile
select
  n, 1000 + n,
  case r when 13 then 99 when 14 then 8 else 1 + pg_temp.pick(h, 2, 7) end,
  case r when 9 then 'xx' when 10 then ' '
    else pg_temp.one(h, 3, array['en', 'en', 'en', 'es', 'fr', 'de', 'zh']) end,
  case when n % 3 = 0 then '+1 212 555 ' || to_char(n % 10000, 'FM0000') end,
  case when n % 3 <> 1 then '+1 718 555 ' || to_char(n % 10000, 'FM0000') end,
  case when r = 5 then '{u''theme'': u''dark''}'
    when n % 4 = 0 then ''
    else '{"theme": "' || pg_temp.one(h, 4, array['light', 'dark']) || '", "page_size": 50}' end,
  case when r = 6 then true when r >= 110 then null else false end
from size, generate_series(1, size.profiles) as n,
  lateral (select n % size.profile_classes, pg_temp.hash(pg_temp.setting('seed', '1'), 'profile', n) offset 0) as x (r, h);

insert into dispatch_office
select
  n, case r when 6 then 'L' when 7 then 'W' else 'O' end,
  place.state || '-' || n,
  case when r = 8 then 'Smile &amp; Care <b>' || place.city || '</b>' else place.city || ' Orthodontics' end,
  case when r = 9 then upper(place.city) else place.city end,
  case r when 3 then 'ZZ' when 4 then null else place.state end,
  place.zip + n % 90,
  case r when 1 then '0000-00-00' when 2 then '2011-02-30'
    else (date '2011-01-03' + pg_temp.pick(h, 2, 2500))::text end,
  case when r = 5 then timestamp '2018-06-30 17:00' end,
  pg_temp.moment(h, 4), pg_temp.moment(h, 4) + pg_temp.later(h, 7)
from size, generate_series(1, size.offices) as n,
  lateral (select n % size.office_classes, pg_temp.hash(pg_temp.setting('seed', '1'), 'office', n) offset 0) as x (r, h),
  lateral (select (array['New York', 'Boston', 'Newark', 'Hartford', 'Miami'])[i],
      (array['NY', 'MA', 'NJ', 'CT', 'FL'])[i], (array[10001, 2108, 7102, 6103, 33101])[i]
    from (select 1 + pg_temp.pick(h, 0, 5)) as c (i)) as place (city, state, zip);

-- Doctors of any class have a sound profile of their own: profiles of the classes 40 to 119.
create function pg_temp.profile_of(doctor int) returns int immutable language sql
  return (doctor - 1) / 80 * 120 + 40 + (doctor - 1) % 80;

insert into dispatch_doctor
select
  n,
  case r
    when 1 then 9000000 + n
    when 2 then pg_temp.of_class(4, n, profiles, profile_classes) -- rejected for its e-mail
    when 5 then pg_temp.profile_of(n - 1)                         -- already the profile of the doctor before
    else pg_temp.profile_of(n) end,
  case r
    when 7 then 9000000 + n
    when 8 then null
    when 9 then pg_temp.of_class(5, n, offices, office_classes)  -- closed
    when 10 then pg_temp.of_class(2, n, offices, office_classes) -- rejected for its date
    else pg_temp.sound(h, 0, offices, office_classes) end,
  case
    when r = 14 then 9000000 + n
    when r = 15 then pg_temp.of_class(11, n, patients, patient_classes) -- rejected for its birth date
    when n % 3 = 0 then null
    else pg_temp.sound(h, 1, patients, patient_classes) end,
  case when r = 6 then 'NY-' || 100000 + n || ' / NJ-' || 200000 + n || ' (pending)' else 'NY-' || 100000 + n end,
  case when r = 26 then 77 else 1 + pg_temp.pick(h, 2, 3) end,
  case r when 17 then 9 when 18 then null else pg_temp.pick(h, 3, 3) end,
  case r when 11 then '' when 12 then 'n/a' when 13 then 'unlimited' when 16 then '(250.00)'
    else pg_temp.money(h, 4, 500 + pg_temp.pick(h, 5, 20000) * 0.5) end,
  case when r = 19 then true when r between 20 and 25 then null else false end,
  pg_temp.moment(h, 6), pg_temp.moment(h, 6) + pg_temp.later(h, 9)
from size, generate_series(1, size.doctors) as n,
  lateral (select n % size.doctor_classes, pg_temp.hash(pg_temp.setting('seed', '1'), 'doctor', n) offset 0) as x (r, h);

insert into dispatch_patient
select
  n,
  case r
    when 1 then 9000000 + n
    when 2 then pg_temp.of_class(17, n, doctors, doctor_classes) -- rejected for its status
    when 3 then pg_temp.of_class(19, n, doctors, doctor_classes) -- deleted
    when 4 then null
    else pg_temp.sound(h, 2, doctors, doctor_classes) end,
  'C-' || to_char(case when r = 16 then n - 1 else n end, 'FM000000'), -- the chart of the patient before
  case r when 17 then convert_from(convert_to('Zoë', 'utf8'), 'latin1') else pg_temp.first_name(h) end,
  case r when 5 then ' ' else pg_temp.last_name(h) end,
  case r when 6 then ' ' when 7 then 'call the mother' else 'patient' || n || '@mail.example' end,
  case r when 8 then 7 when 9 then null else 1 + pg_temp.pick(h, 4, 2) end,
  case r when 10 then '0000-00-00' when 11 then '2001-02-29' when 12 then 'unknown' when 13 then '1880-01-01'
    when 14 then '2091-05-05' else (date '1950-01-01' + pg_temp.pick(h, 5, 22000))::text end,
  case when r = 18 then '<p>Prefers &quot;clear&quot; aligners<br>&amp; morning visits</p>'
    when r = 19 then 'Lost the retainer again 😬'
    when n % 5 = 0 then '<p>Called on ' || pg_temp.moment(h, 6)::date || '</p>' end,
  case r when 20 then '(12.00)' when 21 then 'see invoice' when 22 then ''
    else pg_temp.money(h, 7, pg_temp.pick(h, 8, 40000) * 0.05) end,
  case when r between 26 and 28 then true when r between 29 and 40 then null else false end,
  seen.at, case when r in (24, 25) then timestamp '2020-01-06 09:00' else seen.at + pg_temp.later(h, 11) end,
  lower(pg_temp.first_name(h) || ' ' || pg_temp.last_name(h))
from size, generate_series(1, size.patients) as n,
  lateral (select n % size.patient_classes) as x (r),
  lateral (select pg_temp.hash(pg_temp.setting('seed', '1'), 'patient', case when r = 16 then n - 1 else n end) offset 0)
    as y (h), -- the doubled chart is one of the same doctor
  lateral (select case r when 24 then timestamp '2019-03-10 02:30' when 25 then timestamp '2019-11-03 01:30'
    else pg_temp.moment(h, 9) end) as seen (at);

insert into dispatch_order
select
  n,
  case r when 31 then 'TEST-' || n when 6 then 'ORD-' || n - 1 else 'ORD-' || n end,
  case r
    when 1 then 9000000 + n
    when 2 then pg_temp.of_class(11, n, patients, patient_classes) -- rejected for its birth date
    when 3 then pg_temp.of_class(1, n, patients, patient_classes)  -- rejected because its doctor is gone
    else pg_temp.sound(h, 0, patients, patient_classes) end,
  case r
    when 7 then 'user' || pg_temp.of_class(4, n, profiles, profile_classes)
    when 8 then '' when 9 then 'import' when 10 then 'ghost'
    else 'user' || pg_temp.sound(h, 1, profiles, profile_classes) end,
  case r when 11 then 'Z' when 12 then ' ' else pg_temp.one(h, 2, array['N', 'P', 'S', 'D', 'X']) end,
  money.subtotal,
  case r when 15 then 12.3456 when 33 then money.subtotal + 10 else trunc(money.subtotal / 20, 2) end,
  money.subtotal * 0.08875,
  case r
    when 13 then '1.234,50' when 14 then '' when 20 then '(12.00)'
    else pg_temp.money(h, 3, trunc(money.subtotal * 1.05, 2)) end,
  1500 + pg_temp.pick(h, 4, 40) * 25,
  case
    when r = 16 then '{"arch": "upper", "stages": ' when r = 17 then '{''arch'': ''upper''}' when r = 18 then ' '
    when r = 19 then '{"arch": "upper", "note": "\u0000"}'
    else '{"arch": "' || pg_temp.one(h, 5, array['upper', 'lower', 'both']) || '", "stages": '
      || 4 + pg_temp.pick(h, 6, 30) || '}' end,
  case r when 21 then '02/30/2019' when 22 then '' when 23 then '00/00/0000'
    else to_char(pg_temp.moment(h, 7) + interval '30 days', 'MM/DD/YYYY') end,
  case when r = 35 then 0 else (extract(epoch from pg_temp.moment(h, 7)) * 1000)::bigint + 86400123 end,
  case when r = 24 then 1 when r between 25 and 30 then null else 0 end,
  pg_temp.moment(h, 7),
  case when r = 34 then pg_temp.moment(h, 7) - interval '1 day' else pg_temp.moment(h, 7) + pg_temp.later(h, 10) end
from size, generate_series(1, size.orders) as n,
  lateral (select n % size.order_classes, pg_temp.hash(pg_temp.setting('seed', '1'), 'order', n) offset 0) as x (r, h),
  lateral (select (5000 + pg_temp.pick(h, 8, 400000)) / 100.0) as money (subtotal);

-- Two states each; orders of the classes below 40 never got past their first one.
insert into dispatch_orderstate
select
  o.id, seq, case when r = 42 and seq = 2 then 'Q' else (array['N', pg_temp.one(h, 0, array['P', 'S', 'D', 'X'])])[seq] end,
  case when r = 43 and seq = 2 then 'ghost' else nullif(o.entered_by, '') end,
  case when r = 44 then 'l''appareil est prêt ✅' else '' end,
  case when r = 45 and seq = 2 then timestamp '2019-11-03 01:30' else o.created + (seq - 1) * interval '1 day' end
from size, dispatch_order as o,
  lateral (select o.id % size.order_classes, pg_temp.hash(pg_temp.setting('seed', '1'), 'state', o.id) offset 0) as x (r, h),
  generate_series(1, case when r between 1 and 39 then 1 else 2 end) as seq;

-- The trigger that fired twice, and the history of orders that are gone.
insert into dispatch_orderstate
select order_id, seq, state, username, 'again', changed + interval '1 minute'
from size, dispatch_orderstate where order_id % size.order_classes = 40 and seq = 2;

insert into dispatch_orderstate
select 9000000 + o.id, 1, 'N', null, '', o.created
from size, dispatch_order as o where o.id % size.order_classes = 41;

insert into dispatch_case
select
  n,
  case r
    when 1 then 9000000 + n
    when 2 then pg_temp.of_class(11, n, orders, order_classes) -- rejected for its status
    when 3 then pg_temp.of_class(31, n, orders, order_classes) -- a test order, skipped
    when 4 then null
    else pg_temp.sound(h, 0, orders, order_classes) end,
  case when r = 6 then 42 else 1 + pg_temp.pick(h, 1, 3) end,
  case r when 7 then '' when 8 then 'asap!!' else pg_temp.one(h, 2, array['Normal', 'HIGH ', 'low', 'on  hold']) end,
  case r when 5 then repeat('Retainer for the upper jaw, ', 8) when 15 then 'Aligner &amp; retainer &#8212; both'
    else initcap(pg_temp.one(h, 3, array['aligner', 'retainer', 'refinement'])) || ' ' || n end,
  case r when 12 then convert_from(convert_to('Größe prüfen', 'utf8'), 'latin1') when 13 then 'Photo is missing 📷'
    else '<div>Stage ' || pg_temp.pick(h, 4, 30) || '</div>' end,
  case r when 22 then -1 else 1 + pg_temp.pick(h, 4, 30) end,
  case when r = 23 then 2 when r = 24 then null else pg_temp.pick(h, 5, 10) / 9 end,
  case r when 9 then timestamp '2019-03-10 02:30' when 10 then timestamp '2019-11-03 01:30'
    else pg_temp.moment(h, 6) end,
  case r when 14 then '20190230' when 11 then '00000000' when 21 then ''
    else to_char(pg_temp.moment(h, 6) + interval '45 days', 'YYYYMMDD') end,
  case when r = 16 then true when r between 17 and 20 then null else false end,
  pg_temp.moment(h, 6), pg_temp.moment(h, 6) + pg_temp.later(h, 9)
from size, generate_series(1, size.cases) as n,
  lateral (select n % size.case_classes, pg_temp.hash(pg_temp.setting('seed', '1'), 'case', n) offset 0) as x (r, h);

insert into dispatch_taskkind values
  (0, 'Call', false), (1, 'Scan', false), (2, 'Model', false), (3, 'Print', false), (4, 'Trim', false),
  (5, 'Polish', false), (6, 'Quality check', false), (7, 'Pack', false), (8, 'Warranty', false), (9, 'Fax', true);

-- Half of the tasks hang on a case, and then on its order's patient.
insert into dispatch_task
select
  n, t.case_id,
  case
    when r = 1 then 9000000 + n
    when r = 3 then pg_temp.of_class(11, n, patients, patient_classes) -- rejected for its birth date
    else coalesce(o.patient_id, pg_temp.sound(h, 1, patients, patient_classes)) end,
  case
    when r = 6 then 9000000 + n
    when r = 7 then pg_temp.of_class(14, n, tasks, task_classes) -- rejected for its status
    when r = 8 then pg_temp.of_class(21, n, tasks, task_classes) -- deleted
    when r between 400 and 419 then n + 1                        -- a chain of 20, child before parent
    when n % 4 = 1 then pg_temp.sound(h, 2, tasks, task_classes) -- before it or behind it
  end,
  case
    when r = 63 then 9000000 + n
    when r = 64 then 1000 + pg_temp.of_class(4, n, profiles, profile_classes)
    when n % 10 = 0 then null
    else 1000 + pg_temp.sound(h, 3, profiles, profile_classes) end,
  case when r = 16 then 99 when r = 67 then 9 else pg_temp.pick(h, 4, 9) end,
  case r when 9 then repeat('Polish the margin, ', 15) when 10 then ' ' when 11 then 'Scan 🦷 upper'
    when 12 then convert_from(convert_to('Prägung prüfen', 'utf8'), 'latin1') when 13 then 'Trim &lt;2 mm &amp; polish'
    else pg_temp.one(h, 5, array['Scan upper', 'Scan lower', 'Model', 'Print stage', 'Trim', 'Polish', 'Pack'])
      || ' ' || n % 40 end,
  case when n % 3 = 0 then '<p>Stage ' || n % 40 || '</p>' end,
  case r when 14 then 'U' when 15 then ' ' else pg_temp.one(h, 6, array['N', 'P', 'D', 'D', 'D']) end,
  case when r = 61 then -5.00 when n % 7 = 0 then null else pg_temp.pick(h, 7, 20000) / 100.0 end,
  case when r = 66 then 'half a day' when n % 5 = 0 then '' else 5 * (1 + pg_temp.pick(h, 8, 24)) || ' min' end,
  case r when 17 then '0000-00-00' when 18 then '2019-02-30' when 62 then ''
    else (made.at + interval '14 days')::date::text end,
  case when r = 21 then true when r between 22 and 60 then null else false end,
  made.at,
  case when r in (19, 20) then timestamp '2020-01-06 09:00' when r = 65 then made.at - interval '1 day'
    else made.at + pg_temp.later(h, 11) end
from size
  cross join generate_series(1, size.tasks) as n
  cross join lateral (
    select n % size.task_classes, pg_temp.hash(pg_temp.setting('seed', '1'), 'task', n) offset 0) as x (r, h)
  cross join lateral (
    select
      case
        when r = 2 then 9000000 + n
        when r = 4 then pg_temp.of_class(6, n, cases, case_classes)  -- rejected for its kind
        when r = 5 then pg_temp.of_class(16, n, cases, case_classes) -- deleted
        when r in (1, 3) or n % 2 = 0 then null
        else pg_temp.sound(h, 0, cases, case_classes) end) as t (case_id)
  cross join lateral (
    select case r when 19 then timestamp '2019-03-10 02:30' when 20 then timestamp '2019-11-03 01:30'
      else pg_temp.moment(h, 9) end) as made (at)
  left join dispatch_case as c on c.id = t.case_id
  left join dispatch_order as o on o.id = c.order_id;

drop table size;
reset jit;
