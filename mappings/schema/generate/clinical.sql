-- Compiling these statements takes longer than running them.
set jit = off;

-- Two scans of a patient stand side by side: the upper jaw has the even number.
insert into dispatch_jaw
select
  n,
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(11, n, patients, patient_classes) -- rejected for its birth date
    else generator.sound(generator.hash(size.seed, 'mouth', n / 2), 0, patients, patient_classes) end,
  case
    when r = 3 then '?' when r = 4 then 'maxilla' when r = 5 then 'mandible'
    when n % 2 = 0 then generator.one(h, 1, array['U', 'upper']) else generator.one(h, 1, array['L', 'lower ']) end,
  case r
    when 8 then '11;12;13' when 9 then '{"upper": [11, 12]}' when 10 then ''
    else (array['[17, 16, 15, 21, 22]', '[37, 36, 35, 31, 32]'])[1 + n % 2] end,
  case r
    when 6 then 'severe' when 7 then ''
    else replace((generator.pick(h, 2, 120) / 10.0 - 4)::numeric(4, 1)::text, '.', ',') end,
  'scans/' || n / 2 || '/' || n || '.stl' || case when r = 20 then '' else '?token=' || h end,
  case r when 11 then timestamp '2019-03-10 02:30' when 12 then timestamp '2019-11-03 01:30'
    else generator.moment(h, 5) end,
  case when r = 13 then true when r between 14 and 19 then null else false end
from generator.size, generate_series(1, size.jaws) as n,
  lateral (select n % size.jaw_classes, generator.hash(size.seed, 'jaw', n) offset 0) as x (r, h);

insert into dispatch_treatmentplan
select
  n,
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(11, n, patients, patient_classes) -- rejected for its birth date
    else jaw.patient_id end,
  case r when 3 then 9000000 + n when 5 then null else jaw.id end,
  case r
    when 4 then generator.of_class(3, n, jaws, jaw_classes) -- rejected for its arch
    when 5 then null
    else jaw.id + 1 end,
  case
    when r = 6 then 9000000 + n
    when r = 7 then generator.of_class(10, n, plans, plan_classes) -- rejected for its status
    when n % 3 = 0 then generator.sound(h, 1, plans, plan_classes) -- before it or behind it
  end,
  case r when 13 then 'final' else generator.one(h, 2, array['', 'v', 'V ']) || 1 + generator.pick(h, 3, 5) end,
  case r when 10 then 9 when 11 then null else n % 4 end,
  case r when 12 then 'tbd+14' when 15 then '' else 6 + generator.pick(h, 4, 20) || '+' || 4 + generator.pick(h, 5, 20) end,
  case r
    when 8 then '<ul><li>Expand &amp; align</li><li>no IPR &lt; 0.2&nbsp;mm</li></ul>'
    when 9 then convert_from(convert_to('Lückenschluss', 'utf8'), 'latin1')
    else '<p>Stage ' || generator.pick(h, 6, 30) || ' first</p>' end,
  case
    when n % 4 <> 2 and r not in (14, 17) then ''
    when r = 17 then 'ghost'
    else 'user' || generator.sound(h, 0, profiles, profile_classes) end,
  case
    when r = 16 then extract(epoch from generator.moment(h, 7))::bigint * 1000
    when n % 4 <> 2 then 0
    else extract(epoch from generator.moment(h, 7))::bigint end,
  case when r = 18 then 1 when r between 19 and 22 then null else 0 end,
  generator.moment(h, 7), generator.moment(h, 7) + generator.later(h, 9)
from generator.size, generate_series(1, size.plans) as n,
  lateral (select n % size.plan_classes, generator.hash(size.seed, 'plan', n) offset 0) as x (r, h),
  lateral (select * from dispatch_jaw
    where id = generator.sound(h, 0, size.jaws, size.jaw_classes) / 2 * 2) as jaw;

-- Two states each; plans of the classes below 23 never got past their first one.
insert into dispatch_treatmentplanstate
select
  p.id, seq,
  case when r = 25 and seq = 2 then 'parked' else (array['draft', 'review'])[seq] end,
  case when r = 26 and seq = 2 then 'ghost' else 'user' || generator.sound(h, 0, profiles, profile_classes) end,
  case when seq = 2 and generator.pick(h, 1, 3) = 0 then 'please check the midline' else ' ' end,
  case when r = 28 and seq = 2 then timestamp '2019-03-10 02:30' else p.created + (seq - 1) * interval '1 day' end
from generator.size, dispatch_treatmentplan as p,
  lateral (select p.id % size.plan_classes, generator.hash(size.seed, 'planstate', p.id) offset 0) as x (r, h),
  generate_series(1, case when r between 1 and 22 then 1 else 2 end) as seq;

-- The form that was saved again, once a minute later and once at the same moment, and states of plans that are gone.
insert into dispatch_treatmentplanstate
select plan_id, seq, state, username, 'again', changed + case when r = 23 then interval '1 minute' else interval '0' end
from generator.size, dispatch_treatmentplanstate, lateral (select plan_id % size.plan_classes) as x (r)
where r in (23, 24) and seq = 2;

insert into dispatch_treatmentplanstate
select 9000000 + id, 1, 'draft', null, '', created
from generator.size, dispatch_treatmentplan where id % size.plan_classes = 27;

insert into dispatch_treatmentdiscussion
select
  n,
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(10, n, plans, plan_classes) -- rejected for its status
    else generator.sound(h, 0, plans, plan_classes) end,
  case
    when r = 3 then 9000000 + n
    when r = 4 then generator.of_class(1, n, discussions, discussion_classes) -- rejected for its plan
    when n % 4 = 1 then generator.sound(h, 1, discussions, discussion_classes) -- before it or behind it
  end,
  case r
    when 5 then 9000000 + n
    when 6 then 1000 + generator.of_class(4, n, profiles, profile_classes) -- rejected for its e-mail
    else 1000 + generator.sound(h, 2, profiles, profile_classes) end,
  case r when 10 then repeat('Midline and overbite, ', 14) when 19 then 'IPR &lt; 0.2 &amp; no extraction'
    else 'Stage ' || generator.pick(h, 3, 30) end,
  case r
    when 7 then '<script>track()</script><p>See &quot;IPR&quot; &#8212; next&nbsp;page</p>'
    when 8 then convert_from(convert_to('Überbiss prüfen', 'utf8'), 'latin1')
    when 9 then '<p> </p>'
    when 18 then 'Looks good 👍🏽'
    else '<p>Move stage ' || generator.pick(h, 4, 30) || ' by a week</p>' end,
  case when r = 13 then 'yes' when r between 14 and 17 then '' else 'no' end,
  case r when 11 then timestamp '2019-03-10 02:30' when 12 then timestamp '2019-11-03 01:30'
    else generator.moment(h, 5) end
from generator.size, generate_series(1, size.discussions) as n,
  lateral (select n % size.discussion_classes, generator.hash(size.seed, 'discussion', n) offset 0) as x (r, h);

insert into dispatch_project
select
  n,
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(10, n, plans, plan_classes) -- rejected for its status
    when 3 then null
    when 4 then generator.of_class(18, n, plans, plan_classes) -- deleted
    else generator.sound(h, 0, plans, plan_classes) end,
  'PRJ-' || case when r = 19 then n - 1 else n end, -- the code of the project before
  case r
    when 5 then repeat('Aligners for both jaws, ', 10) when 6 then ' ' when 17 then 'Aligner &amp; retainer'
    else 'Aligners ' || n end,
  case r
    when 7 then 'limbo' when 8 then ' On  hold'
    else generator.one(h, 1, array['planned', 'running', 'Finished', 'on hold']) end,
  case r
    when 9 then 'tba' when 10 then '' when 18 then '-1.234,50 €'
    else translate(to_char(100 + generator.pick(h, 2, 400000) / 100.0, 'FM9,990.00'), '.,', ',.') || ' €' end,
  case r
    when 11 then '31.02.2019' when 12 then '00.00.0000'
    else to_char(generator.moment(h, 3), 'DD.MM.YYYY') end,
  case
    when r = 13 then to_char(generator.moment(h, 3) - interval '1 day', 'DD.MM.YYYY')
    when n % 3 = 0 then ''
    else to_char(generator.moment(h, 3) + interval '60 days', 'DD.MM.YYYY') end,
  case r
    when 14 then '{"layer_um": ' when 15 then '{"resin": "\u0000"}'
    else '{"layer_um": ' || 25 * (1 + generator.pick(h, 5, 4)) || ', "resin": "MED610"}' end,
  case when r = 16 then timestamp '2019-06-28 17:00' end,
  generator.moment(h, 3), generator.moment(h, 3) + generator.later(h, 6)
from generator.size, generate_series(1, size.projects) as n,
  lateral (select n % size.project_classes, generator.hash(size.seed, 'project', n) offset 0) as x (r, h);

-- Four steps for each sound project; each names the one that follows it.
insert into dispatch_projectstep
select
  n,
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(7, n, projects, project_classes) -- rejected for its status
    else (n - 1) / 80 * 40 + 20 + (n - 1) / 4 % 20 end,
  case r when 10 then 0 when 14 then 1 else (n - 1) % 4 + 1 end, -- 14: the place of the step before
  case
    when r = 3 then 9000000 + n
    when r = 4 then generator.of_class(1, n, steps, step_classes) -- rejected for its project
    when n % 4 <> 0 and r >= 39 then n + 1
  end,
  case r when 5 then ' ' else (array['Scan', 'Model', 'Print', 'Quality check'])[(n - 1) % 4 + 1] end,
  case r when 6 then 'a while' when 7 then '' else trim_scale((1 + generator.pick(h, 1, 16)) / 4.0)::text end,
  case r
    when 8 then '0000-00-00 00:00:00' when 9 then '2019-02-30 10:00:00' when 12 then '2019-03-10 02:30:00'
    when 13 then '' else to_char(generator.moment(h, 2), 'YYYY-MM-DD HH24:MI:SS') end
from generator.size, generate_series(1, size.steps) as n,
  lateral (select n % size.step_classes, generator.hash(size.seed, 'step', n) offset 0) as x (r, h);

insert into dispatch_template values
  (1, 'welcome', 'Welcome', 'en', '<p>Dear {{ patient }},</p>', 0),
  (2, 'REMINDER', 'Reminder', 'en', '<p>See you on {{ day }}</p>', 0),
  (3, 'invoice', 'Invoice', 'en', '<p>{{ total }} are due</p>', 0),
  (4, ' shipped', 'Your aligners are on their way', 'en', '<p>{{ tracking }}</p>', 0),
  (5, 'willkommen', 'Willkommen', 'de', '<p>Guten Tag {{ patient }},</p>', 0),
  (6, 'bienvenida', 'Bienvenida', 'es', '<p>Hola {{ patient }}:</p>', null),
  (7, 'recall', 'Recall', 'xx', '<p>It has been a year</p>', 0),
  (8, 'birthday', 'Birthday', '', '<p>Happy birthday 🎂</p>', null),
  (9, 'fax', 'Fax cover', 'en', '<pre>{{ pages }} pages</pre>', 1),
  (10, 'Welcome ', 'Welcome, the new one', 'en', '<p>Hello {{ patient }}!</p>', 0),
  (11, 'consent', repeat('Consent to treatment with clear aligners, ', 3), 'en', '<p>I agree</p>', null),
  (12, 'bienvenue', 'Bienvenue', 'fr', convert_from(convert_to('<p>Très chère {{ patient }}</p>', 'utf8'), 'latin1'), 0);

-- Two groups for each template.
insert into dispatch_templateviewgroup
select
  n, case n when 5 then 99 else (n + 1) / 2 end,
  (array['Header', 'Body'])[2 - n % 2], 2 - n % 2,
  case n when 7 then '{''office'': ''NY''}' when 8 then '' else '{"office": "' || (array['NY', 'NJ'])[2 - n % 2] || '"}' end
from generate_series(1, 24) as n;

-- Doctors and assistants see each group; what else was granted, and once again.
insert into dispatch_templateviewrole
select n, role, case when n = 10 and role = 2 then '' when role = 2 then 'Y' else 'N' end,
  generator.moment(generator.hash(size.seed, 'view', n), role)
from generator.size, generate_series(1, 24) as n, unnest(array[2, 3]) as role
union all values
  (1, 8, 'N', timestamp '2016-05-02 09:00'), (2, 99, 'N', '2016-05-02 09:00'), (3, 1, '?', '2016-05-02 09:00'),
  (1, 2, 'N', '2021-01-04 09:00');

-- Two systems of 28 brackets each; all of the second are sound.
insert into dispatch_bracket
select
  n, 'BR-' || to_char(case n when 13 then 12 else n end, 'FM000'),
  case when n <= 28 then 'Clarity&trade; SL' else 'Damon Q' end,
  case n when 9 then 99 else (1 + (n - 1) % 28 / 7) * 10 + 1 + (n - 1) % 7 end,
  case when n = 20 then '22' when n <= 28 then '.022' else '0.018' end,
  case n when 5 then 'n/a' when 6 then '' else to_char(generator.pick(h, 0, 30) - 12, 'FMSG90') || '°' end,
  case n
    when 17 then 'a. A.' when 22 then '12.50' -- a. A.: on request
    else replace(to_char(4 + generator.pick(h, 1, 1500) / 100.0, 'FM90.00'), '.', ',') || ' €' end,
  case when n = 25 then true when n between 26 and 28 then null else false end
from generator.size, generate_series(1, 56) as n,
  lateral (select generator.hash(size.seed, 'bracket', n) offset 0) as x (h);
