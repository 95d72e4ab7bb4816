-- Compiling these statements takes longer than running them.
set jit = off;

insert into dispatch_case
select
  n,
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(11, n, orders, order_classes) -- rejected for its status
    when 3 then generator.of_class(31, n, orders, order_classes) -- a test order, skipped
    when 4 then null
    else generator.sound(h, 0, orders, order_classes) end,
  case when r = 6 then 42 else 1 + generator.pick(h, 1, 3) end,
  case r when 7 then '' when 8 then 'asap!!' else generator.one(h, 2, array['Normal', 'HIGH ', 'low', 'on  hold']) end,
  case r when 5 then repeat('Retainer for the upper jaw, ', 8) when 15 then 'Aligner &amp; retainer &#8212; both'
    else initcap(generator.one(h, 3, array['aligner', 'retainer', 'refinement'])) || ' ' || n end,
  case r when 12 then convert_from(convert_to('Größe prüfen', 'utf8'), 'latin1') when 13 then 'Photo is missing 📷'
    else '<div>Stage ' || generator.pick(h, 4, 30) || '</div>' end,
  case r when 22 then -1 else 1 + generator.pick(h, 4, 30) end,
  case when r = 23 then 2 when r = 24 then null else generator.pick(h, 5, 10) / 9 end,
  case r when 9 then timestamp '2019-03-10 02:30' when 10 then timestamp '2019-11-03 01:30'
    else generator.moment(h, 6) end,
  case r when 14 then '20190230' when 11 then '00000000' when 21 then ''
    else to_char(generator.moment(h, 6) + interval '45 days', 'YYYYMMDD') end,
  case when r = 16 then true when r between 17 and 20 then null else false end,
  generator.moment(h, 6), generator.moment(h, 6) + generator.later(h, 9)
from generator.size, generate_series(1, size.cases) as n,
  lateral (select n % size.case_classes, generator.hash(size.seed, 'case', n) offset 0) as x (r, h);

insert into dispatch_taskkind values
  (0, 'Call', false), (1, 'Scan', false), (2, 'Model', false), (3, 'Print', false), (4, 'Trim', false),
  (5, 'Polish', false), (6, 'Quality check', false), (7, 'Pack', false), (8, 'Warranty', false), (9, 'Fax', true);

-- Half of the tasks hang on a case, and then on its order's patient.
insert into dispatch_task
select
  n, t.case_id,
  case
    when r = 1 then 9000000 + n
    when r = 3 then generator.of_class(11, n, patients, patient_classes) -- rejected for its birth date
    else coalesce(o.patient_id, generator.sound(h, 1, patients, patient_classes)) end,
  case
    when r = 6 then 9000000 + n
    when r = 7 then generator.of_class(14, n, tasks, task_classes) -- rejected for its status
    when r = 8 then generator.of_class(21, n, tasks, task_classes) -- deleted
    when r between 400 and 419 then n + 1                        -- a chain of 20, child before parent
    when n % 4 = 1 then generator.sound(h, 2, tasks, task_classes) -- before it or behind it
  end,
  case
    when r = 63 then 9000000 + n
    when r = 64 then 1000 + generator.of_class(4, n, profiles, profile_classes)
    when n % 10 = 0 then null
    else 1000 + generator.sound(h, 3, profiles, profile_classes) end,
  case when r = 16 then 99 when r = 67 then 9 else generator.pick(h, 4, 9) end,
  case r when 9 then repeat('Polish the margin, ', 15) when 10 then ' ' when 11 then 'Scan 🦷 upper'
    when 12 then convert_from(convert_to('Prägung prüfen', 'utf8'), 'latin1') when 13 then 'Trim &lt;2 mm &amp; polish'
    else generator.one(h, 5, array['Scan upper', 'Scan lower', 'Model', 'Print stage', 'Trim', 'Polish', 'Pack'])
      || ' ' || n % 40 end,
  case when n % 3 = 0 then '<p>Stage ' || n % 40 || '</p>' end,
  case r when 14 then 'U' when 15 then ' ' else generator.one(h, 6, array['N', 'P', 'D', 'D', 'D']) end,
  case when r = 61 then -5.00 when n % 7 = 0 then null else generator.pick(h, 7, 20000) / 100.0 end,
  case when r = 66 then 'half a day' when n % 5 = 0 then '' else 5 * (1 + generator.pick(h, 8, 24)) || ' min' end,
  case r when 17 then '0000-00-00' when 18 then '2019-02-30' when 62 then ''
    else (made.at + interval '14 days')::date::text end,
  case when r = 21 then true when r between 22 and 60 then null else false end,
  made.at,
  case when r in (19, 20) then timestamp '2020-01-06 09:00' when r = 65 then made.at - interval '1 day'
    else made.at + generator.later(h, 11) end
from generator.size
  cross join generate_series(1, size.tasks) as n
  cross join lateral (
    select n % size.task_classes, generator.hash(size.seed, 'task', n) offset 0) as x (r, h)
  cross join lateral (
    select
      case
        when r = 2 then 9000000 + n
        when r = 4 then generator.of_class(6, n, cases, case_classes)  -- rejected for its kind
        when r = 5 then generator.of_class(16, n, cases, case_classes) -- deleted
        when r in (1, 3) or n % 2 = 0 then null
        else generator.sound(h, 0, cases, case_classes) end) as t (case_id)
  cross join lateral (
    select case r when 19 then timestamp '2019-03-10 02:30' when 20 then timestamp '2019-11-03 01:30'
      else generator.moment(h, 9) end) as made (at)
  left join dispatch_case as c on c.id = t.case_id
  left join dispatch_order as o on o.id = c.order_id;
