-- Compiling these statements takes longer than running them.
set jit = off;

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
  case when r <> 8 then joined.at + generator.later(h, 6) end,
  joined.at
from generator.size, generate_series(1, size.profiles) as n,
  lateral (select n % size.profile_classes, generator.hash(size.seed, 'user', n) offset 0) as x (r, h),
  lateral (select
    case r when 11 then convert_from(convert_to('Zoë', 'utf8'), 'latin1') when 12 then 'Ada 🦷'
      else generator.first_name(h) end,
    case when r = 16 then '  ' || generator.last_name(h) || '  ' else generator.last_name(h) end) as name (first, last),
  lateral (select case r when 15 then timestamp '2019-03-10 02:30' when 17 then timestamp '2019-11-03 01:30'
    else generator.moment(h, 4) end) as joined (at);

insert into dispatch_profile
select
  n, 1000 + n,
  case r when 13 then 99 when 14 then 8 else 1 + generator.pick(h, 2, 7) end,
  case r when 9 then 'xx' when 10 then ' '
    else generator.one(h, 3, array['en', 'en', 'en', 'es', 'fr', 'de', 'zh']) end,
  case when n % 3 = 0 then '+1 212 555 ' || to_char(n % 10000, 'FM0000') end,
  case when n % 3 <> 1 then '+1 718 555 ' || to_char(n % 10000, 'FM0000') end,
  case when r = 5 then '{u''theme'': u''dark''}'
    when n % 4 = 0 then ''
    else '{"theme": "' || generator.one(h, 4, array['light', 'dark']) || '", "page_size": 50}' end,
  case when r = 6 then true when r >= 110 then null else false end
from generator.size, generate_series(1, size.profiles) as n,
  lateral (select n % size.profile_classes, generator.hash(size.seed, 'profile', n) offset 0) as x (r, h);

insert into dispatch_office
select
  n, case r when 6 then 'L' when 7 then 'W' else 'O' end,
  place.state || '-' || n,
  case when r = 8 then 'Smile &amp; Care <b>' || place.city || '</b>' else place.city || ' Orthodontics' end,
  case when r = 9 then upper(place.city) else place.city end,
  case r when 3 then 'ZZ' when 4 then null else place.state end,
  place.zip + n % 90,
  case r when 1 then '0000-00-00' when 2 then '2011-02-30'
    else (date '2011-01-03' + generator.pick(h, 2, 2500))::text end,
  case when r = 5 then timestamp '2018-06-30 17:00' end,
  generator.moment(h, 4), generator.moment(h, 4) + generator.later(h, 7)
from generator.size, generate_series(1, size.offices) as n,
  lateral (select n % size.office_classes, generator.hash(size.seed, 'office', n) offset 0) as x (r, h),
  lateral (select (array['New York', 'Boston', 'Newark', 'Hartford', 'Miami'])[i],
      (array['NY', 'MA', 'NJ', 'CT', 'FL'])[i], (array[10001, 2108, 7102, 6103, 33101])[i]
    from (select 1 + generator.pick(h, 0, 5)) as c (i)) as place (city, state, zip);

insert into dispatch_doctor
select
  n,
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(4, n, profiles, profile_classes) -- rejected for its e-mail
    when 5 then generator.profile_of(n - 1)                         -- already the profile of the doctor before
    else generator.profile_of(n) end,
  case r
    when 7 then 9000000 + n
    when 8 then null
    when 9 then generator.of_class(5, n, offices, office_classes)  -- closed
    when 10 then generator.of_class(2, n, offices, office_classes) -- rejected for its date
    else generator.sound(h, 0, offices, office_classes) end,
  case
    when r = 14 then 9000000 + n
    when r = 15 then generator.of_class(11, n, patients, patient_classes) -- rejected for its birth date
    when n % 3 = 0 then null
    else generator.sound(h, 1, patients, patient_classes) end,
  case when r = 6 then 'NY-' || 100000 + n || ' / NJ-' || 200000 + n || ' (pending)' else 'NY-' || 100000 + n end,
  case when r = 26 then 77 else 1 + generator.pick(h, 2, 3) end,
  case r when 17 then 9 when 18 then null else generator.pick(h, 3, 3) end,
  case r when 11 then '' when 12 then 'n/a' when 13 then 'unlimited' when 16 then '(250.00)'
    else generator.money(h, 4, 500 + generator.pick(h, 5, 20000) * 0.5) end,
  case when r = 19 then true when r between 20 and 25 then null else false end,
  generator.moment(h, 6), generator.moment(h, 6) + generator.later(h, 9)
from generator.size, generate_series(1, size.doctors) as n,
  lateral (select n % size.doctor_classes, generator.hash(size.seed, 'doctor', n) offset 0) as x (r, h);

insert into dispatch_patient
select
  n,
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(17, n, doctors, doctor_classes) -- rejected for its status
    when 3 then generator.of_class(19, n, doctors, doctor_classes) -- deleted
    when 4 then null
    else generator.sound(h, 2, doctors, doctor_classes) end,
  'C-' || to_char(case when r = 16 then n - 1 else n end, 'FM000000'), -- the chart of the patient before
  case r when 17 then convert_from(convert_to('Zoë', 'utf8'), 'latin1') else generator.first_name(h) end,
  case r when 5 then ' ' else generator.last_name(h) end,
  case r when 6 then ' ' when 7 then 'call the mother' else 'patient' || n || '@mail.example' end,
  case r when 8 then 7 when 9 then null else 1 + generator.pick(h, 4, 2) end,
  case r when 10 then '0000-00-00' when 11 then '2001-02-29' when 12 then 'unknown' when 13 then '1880-01-01'
    when 14 then '2091-05-05' else (date '1950-01-01' + generator.pick(h, 5, 22000))::text end,
  case when r = 18 then '<p>Prefers &quot;clear&quot; aligners<br>&amp; morning visits</p>'
    when r = 19 then 'Lost the retainer again 😬'
    when n % 5 = 0 then '<p>Called on ' || generator.moment(h, 6)::date || '</p>' end,
  case r when 20 then '(12.00)' when 21 then 'see invoice' when 22 then ''
    else generator.money(h, 7, generator.pick(h, 8, 40000) * 0.05) end,
  case when r between 26 and 28 then true when r between 29 and 40 then null else false end,
  seen.at, case when r in (24, 25) then timestamp '2020-01-06 09:00' else seen.at + generator.later(h, 11) end,
  lower(generator.first_name(h) || ' ' || generator.last_name(h))
from generator.size, generate_series(1, size.patients) as n,
  lateral (select n % size.patient_classes) as x (r),
  lateral (select generator.hash(size.seed, 'patient', case when r = 16 then n - 1 else n end) offset 0)
    as y (h), -- the doubled chart is one of the same doctor
  lateral (select case r when 24 then timestamp '2019-03-10 02:30' when 25 then timestamp '2019-11-03 01:30'
    else generator.moment(h, 9) end) as seen (at);

insert into dispatch_order
select
  n,
  case r when 31 then 'TEST-' || n when 6 then 'ORD-' || n - 1 else 'ORD-' || n end,
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(11, n, patients, patient_classes) -- rejected for its birth date
    when 3 then generator.of_class(1, n, patients, patient_classes)  -- rejected because its doctor is gone
    else generator.sound(h, 0, patients, patient_classes) end,
  case r
    when 7 then 'user' || generator.of_class(4, n, profiles, profile_classes)
    when 8 then '' when 9 then 'import' when 10 then 'ghost'
    else 'user' || generator.sound(h, 1, profiles, profile_classes) end,
  case r when 11 then 'Z' when 12 then ' ' else generator.one(h, 2, array['N', 'P', 'S', 'D', 'X']) end,
  money.subtotal,
  case r when 15 then 12.3456 when 33 then money.subtotal + 10 else trunc(money.subtotal / 20, 2) end,
  money.subtotal * 0.08875,
  case r
    when 13 then '1.234,50' when 14 then '' when 20 then '(12.00)'
    else generator.money(h, 3, trunc(money.subtotal * 1.05, 2)) end,
  1500 + generator.pick(h, 4, 40) * 25,
  case
    when r = 16 then '{"arch": "upper", "stages": ' when r = 17 then '{''arch'': ''upper''}' when r = 18 then ' '
    when r = 19 then '{"arch": "upper", "note": "\u0000"}'
    else '{"arch": "' || generator.one(h, 5, array['upper', 'lower', 'both']) || '", "stages": '
      || 4 + generator.pick(h, 6, 30) || '}' end,
  case r when 21 then '02/30/2019' when 22 then '' when 23 then '00/00/0000'
    else to_char(generator.moment(h, 7) + interval '30 days', 'MM/DD/YYYY') end,
  case when r = 35 then 0 else (extract(epoch from generator.moment(h, 7)) * 1000)::bigint + 86400123 end,
  case when r = 24 then 1 when r between 25 and 30 then null else 0 end,
  generator.moment(h, 7),
  case when r = 34 then generator.moment(h, 7) - interval '1 day' else generator.moment(h, 7) + generator.later(h, 10) end
from generator.size, generate_series(1, size.orders) as n,
  lateral (select n % size.order_classes, generator.hash(size.seed, 'order', n) offset 0) as x (r, h),
  lateral (select (5000 + generator.pick(h, 8, 400000)) / 100.0) as money (subtotal);

-- Two states each; orders of the classes below 40 never got past their first one.
insert into dispatch_orderstate
select
  o.id, seq, case when r = 42 and seq = 2 then 'Q' else (array['N', generator.one(h, 0, array['P', 'S', 'D', 'X'])])[seq] end,
  case when r = 43 and seq = 2 then 'ghost' else nullif(o.entered_by, '') end,
  case when r = 44 then 'l''appareil est prêt ✅' else '' end,
  case when r = 45 and seq = 2 then timestamp '2019-11-03 01:30' else o.created + (seq - 1) * interval '1 day' end
from generator.size, dispatch_order as o,
  lateral (select o.id % size.order_classes, generator.hash(size.seed, 'state', o.id) offset 0) as x (r, h),
  generate_series(1, case when r between 1 and 39 then 1 else 2 end) as seq;

-- The trigger that fired twice, and the history of orders that are gone.
insert into dispatch_orderstate
select order_id, seq, state, username, 'again', changed + interval '1 minute'
from generator.size, dispatch_orderstate where order_id % size.order_classes = 40 and seq = 2;

insert into dispatch_orderstate
select 9000000 + o.id, 1, 'N', null, '', o.created
from generator.size, dispatch_order as o where o.id % size.order_classes = 41;
