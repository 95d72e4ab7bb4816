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

-- The first state of some cases, and two or three of those that went on.
insert into dispatch_casestate
select
  c.id, seq, case when r = 28 and seq = 2 then 35 else seq * 10 end,
  case
    when r = 44 and seq = 2 then 9000000 + c.id
    when r = 48 and seq = 2 then 1000 + generator.of_class(4, c.id, profiles, profile_classes) -- rejected
    when r = 52 and seq = 2 then 0
    else 1000 + generator.sound(h, 0, profiles, profile_classes) end,
  case when r = 56 and seq = 2 then ' ' else 'T-' || to_char(1 + generator.pick(h, 1, 40), 'FM00') end,
  case when r = 60 and seq = 2 then 'Zähne 11–13 <b>neu</b> 🦷' when r = 72 and seq = 2 then 'Nicht prüfen\0\0' else '' end,
  case
    when r = 32 and seq = 2 then 0
    when r = 36 and seq = 2 then 315532800000 -- 1980: the battery was empty
    else (extract(epoch from c.received) * 1000)::bigint + seq * 86400000 + generator.pick(h, 2, 7200000) end
from generator.size, dispatch_case as c,
  lateral (select c.id % size.case_classes, generator.hash(size.seed, 'casestate', c.id) offset 0) as x (r, h),
  generate_series(1, case when r < 28 then 1 when r < 80 then 2 else 3 end) as seq
where r % 4 = 0;

-- Sent again by a terminal a minute later, or in the same millisecond; and the history of cases that are gone.
insert into dispatch_casestate
select case_id, seq, state, user_id, station, 'again', sent_ms + case when r = 40 then 60000 else 0 end
from generator.size, dispatch_casestate, lateral (select case_id % size.case_classes) as x (r)
where r in (40, 68) and seq = 2;

insert into dispatch_casestate
select 9000000 + c.id, 1, 10, 0, '', '', (extract(epoch from c.received) * 1000)::bigint
from generator.size, dispatch_case as c where c.id % size.case_classes = 64;

insert into dispatch_category values
  (1, null, 'F', 'Documents', 1), (2, 20, 'F', 'Photos', 1), (3, null, 'C', 'Contacts', 1),
  (4, 1, 'F', 'Consent form', 1), (5, 1, 'F', 'Invoice', 1), (6, 1, 'F', ' Prescription  copy', 1),
  (7, 2, 'F', 'Intraoral photo', 1), (8, 2, 'F', 'Before &amp; after', 1), (9, 20, 'F', 'X-ray', 1),
  (10, 9, 'F', 'Panoramic X-ray', 1), (11, 9, 'F', 'Cephalogram', null), (12, 20, 'F', 'Scan', 1),
  (13, 22, 'F', 'Scan of a model', 1), (14, 1, 'F', 'Treatment plan', 0), (15, 3, 'C', 'Appointment', 1),
  (16, 3, 'C', 'Complaint', 1), (17, 3, 'C', 'Payment reminder', 1), (18, 3, 'C', 'Lost retainer', 1),
  (19, 3, 'X', 'Telex', 1), (20, null, 'F', 'Images', 1), (21, 20, 'F', 'X Ray', 1),
  (22, 99, 'F', 'Models', 1), (23, 19, 'C', 'Telegram', 0), (24, null, 'C', 'Crème & Co', null);

insert into dispatch_message
select
  n,
  case
    when r = 3 then 9000000 + n
    when r = 4 then null
    else 1000 + generator.sound(h, 0, profiles, profile_classes) end,
  case
    when r = 1 then 9000000 + n
    when r = 2 then 1000 + generator.of_class(4, n, profiles, profile_classes) -- rejected for its e-mail
    else 1000 + generator.sound(h, 1, profiles, profile_classes) end,
  case
    when r = 5 then 9000000 + n
    when r = 6 then generator.of_class(16, n, cases, case_classes) -- deleted
    when n % 2 = 0 then generator.sound(h, 2, cases, case_classes) end,
  case
    when r = 28 then 9000000 + n
    when r = 29 then generator.of_class(7, n, messages, message_classes) -- rejected for its body
    when r = 30 then n + 130                                       -- the answer came first
    when n % 5 = 0 then generator.sound(h, 3, messages, message_classes) / 5 * 5 + 1 end, -- never itself
  case r when 11 then convert_from(convert_to('Prothèse à vérifier', 'utf8'), 'latin1') when 12 then 'Thank you 🙏'
    when 13 then '' when 14 then repeat('Re: ', 60) || 'trays'
    else generator.one(h, 4, array['Trays', 'Retainer', 'Your scan', 'Re: Your scan', 'Invoice']) || ' ' || n end,
  case r
    when 7 then '<p>&nbsp;</p>'
    when 8 then '<style>p { margin: 0 }</style><p>See <b>both</b> scans</p><script>track("42")</script><!-- sent by iPad -->'
    when 9 then '<p>Tom&rsquo;s trays: 14 &lt; 16 &amp; &#8364;20 each</p>'
    when 10 then '<p>Broken&#0; paste</p>'
    else '<div>Dear ' || generator.first_name(h) || ',</div><div>stage ' || generator.pick(h, 5, 30)
      || case when n % 3 = 0 then ' &amp; ' else ' and ' end || 'the next are ready.</div>' end,
  case when r = 15 then 'X' when n % 6 = 0 then null else generator.one(h, 6, array['L', 'N', 'H']) end,
  sent.at,
  case
    when r = 18 then '0000-00-00 00:00:00' when r = 20 then '2019-02-29 10:00:00'
    when r = 19 then to_char(sent.at - interval '1 day', 'YYYY-MM-DD HH24:MI:SS')
    when r in (16, 17, 31) or n % 4 = 3 then ''
    else to_char(sent.at + generator.later(h, 9), 'YYYY-MM-DD HH24:MI:SS') end,
  case when r = 21 then true when r between 22 and 27 then null else false end
from generator.size, generate_series(1, size.messages) as n,
  lateral (select n % size.message_classes, generator.hash(size.seed, 'message', n) offset 0) as x (r, h),
  lateral (select case r when 16 then timestamp '2019-03-10 02:30' when 17 then timestamp '2019-11-03 01:30'
    when 31 then null else generator.moment(h, 7) end) as sent (at);

insert into dispatch_file
select
  n,
  case
    when r = 3 then 9000000 + n
    when n % 10 = 0 then null
    else 1000 + generator.sound(h, 0, profiles, profile_classes) end,
  case
    when r = 1 then 9000000 + n
    when r = 2 then generator.of_class(11, n, patients, patient_classes) -- rejected for its birth date
    else generator.sound(h, 1, patients, patient_classes) end,
  case when r = 4 then 99 when r = 5 then 21 else 4 + generator.pick(h, 2, 9) end,
  case r
    when 6 then 'C:\store\2012\scan-' || n || '.stl'
    when 20 then 'store/' || repeat('copy of ', 30) || 'scan-' || n || '.stl'
    when 21 then 'store/../../scan-' || n || '.stl'
    when 22 then 'store/2014/' || convert_from(convert_to('Röntgen', 'utf8'), 'latin1') || '-' || n || '.stl'
    else 'store/' || kept % 7 + 2012 || '/' || (array['scan', 'photo', 'xray'])[1 + kept % 3] || '-' || kept
      || (array['.stl', '.jpg', '.png'])[1 + kept % 3] end,
  case r when 8 then 'Image/JPEG; charset=binary' when 10 then 'jpg' when 11 then ''
    else (array['model/stl', 'image/jpeg', 'image/png'])[1 + kept % 3] end,
  case r when 12 then 0 when 13 then -1 else 20000 + generator.pick(h, 3, 9000000) end,
  case r when 14 then upper(md5(h)) when 15 then '' when 16 then left(md5(h), 31) else md5(h) end,
  case
    when r = 17 then '{"camera": "Canon\u0000\u0000", "width": 4000}' when r = 18 then '{"camera": "Can'
    when r = 19 then ' ' when n % 3 = 0 then ''
    else '{"camera": "' || generator.one(h, 4, array['Canon', 'Nikon']) || '", "width": '
      || 1000 * (1 + generator.pick(h, 5, 6)) || ', "gps": [40.7, -74.0]}' end,
  generator.moment(h, 6),
  case when r = 23 then true when r between 24 and 29 then null else false end
from generator.size, generate_series(1, size.files) as n,
  lateral (select n % size.file_classes, generator.hash(size.seed, 'file', n) offset 0) as x (r, h),
  lateral (select case when r = 9 then n - 1 else n end) as path (kept); -- the path of the file before

insert into dispatch_communication
select
  n,
  case
    when r = 1 then 9000000 + n
    when r = 2 then generator.of_class(11, n, patients, patient_classes) -- rejected for its birth date
    else generator.sound(h, 0, patients, patient_classes) end,
  case when r = 3 then 9000000 + n else 1000 + generator.sound(h, 1, profiles, profile_classes) end,
  case when r = 4 then 99 when n % 4 = 0 then null else 15 + generator.pick(h, 2, 4) end,
  channel,
  case r when 12 then 0 when 13 then null else 1 - 2 * generator.pick(h, 4, 2) end,
  case
    when r = 6 then '555-0123' when r = 7 then '212-555-0123 ext. 5' when r = 8 then ' '
    when r = 9 then '+44 20 7946 0958' when r = 10 then 'mother at home' when r = 11 then ' Ana@MAIL.Example '
    when channel = 'E' then 'patient' || n || '@mail.example'
    else replace(generator.one(h, 5, array['(212) 555-####', '718.555.####', '+1 212 555 ####', '718555####']),
      '####', to_char(generator.pick(h, 6, 10000), 'FM0000')) end,
  case
    when r = 14 then '7,5' when r = 16 then 'ca. 10' when r = 17 then '-3'
    when r = 15 or channel <> 'P' then '' else (1 + generator.pick(h, 7, 30))::text end,
  case r when 20 then '<p>Says &quot;too tight&quot;</p>'
    when 21 then convert_from(convert_to('Rückruf nötig', 'utf8'), 'latin1') when 22 then 'Call back\0\0 soon'
    else 'About tray ' || generator.pick(h, 8, 30) end,
  case when r = 18 then '0/0/0000' when r = 19 then '2/30/2019' when n % 3 = 0 then ''
    else to_char(generator.moment(h, 9) + interval '14 days', 'FMMM/FMDD/YYYY') end,
  case r when 23 then timestamp '2019-03-10 02:30' when 24 then timestamp '2019-11-03 01:30'
    else generator.moment(h, 9) end,
  case when r = 25 then 1 when r between 26 and 29 then null else 0 end
from generator.size, generate_series(1, size.communications) as n,
  lateral (select n % size.communication_classes, generator.hash(size.seed, 'communication', n) offset 0) as x (r, h),
  lateral (select case when r = 5 then 'T' when r in (10, 11) then 'E' when r in (6, 7, 8, 9, 14, 16, 17) then 'P'
    else generator.one(h, 3, array['P', 'P', 'S', 'F', 'E']) end) as by (channel);

-- A refund is of the order of the payment that it names, and gives back half of it.
insert into dispatch_payment
select
  n,
  case
    when r = 1 then 9000000 + n
    when r = 2 then generator.of_class(11, n, orders, order_classes) -- rejected for its status
    when r = 3 then generator.of_class(31, n, orders, order_classes) -- a test order, skipped
    when r = 4 then null
    else generator.sound(paid.hash, 0, orders, order_classes) end,
  case
    when r = 5 then 9000000 + n
    when r = 6 then generator.of_class(10, n, payments, payment_classes) -- rejected for its amount
    else refunded end,
  'R-' || to_char(case when r = 20 then n - 1 else n end, 'FM000000'), -- the receipt of the payment before
  case when is_refund then 2 else 1 end,
  case when r = 37 then 'XX' else generator.one(h, 1, array['CC', 'CC', 'CC', 'CK', 'CA', 'WT']) end,
  case
    when r = 8 then half::text
    when r = 9 then '-' || trunc(whole, 2)
    when r = 10 then 'see invoice' when r = 11 then '1.234,50' when r = 12 then ' ' when r = 13 then '12.345'
    when r = 14 then 'USD ' || trunc(whole, 2) when r = 15 then '0.00'
    when is_refund then case generator.pick(h, 2, 2) when 0 then '($' || half || ')' else '-' || half end
    else generator.money(h, 2, whole) end,
  case r when 16 then '' when 17 then 'usd ' when 18 then 'EUR' else 'USD' end,
  case when is_refund then 0 else trunc(whole * 0.029 + 0.3, 2) end,
  case r when 21 then 'Z' when 22 then ' ' when 23 then 'F' else generator.one(h, 5, array['S', 'S', 'S', 'P', 'R']) end,
  case r
    when 24 then '{"card": "**** 42' when 25 then ' '
    else '{"card": "**** ' || to_char(generator.pick(h, 6, 10000), 'FM0000') || '", "risk": 0.'
      || generator.pick(h, 7, 90) || '}' end,
  case r when 28 then timestamp '2019-03-10 02:30' when 29 then timestamp '2019-11-03 01:30'
    else generator.moment(h, 8) end,
  case when r = 30 then true when r between 31 and 36 then null else false end
from generator.size, generate_series(1, size.payments) as n,
  lateral (select n % size.payment_classes, generator.hash(size.seed, 'payment', n) offset 0) as x (r, h),
  lateral (select r between 5 and 8 or r between 140 and 149,
    case when r in (7, 8) then n + 100 when r between 140 and 149 then n - 20 end) as which (is_refund, refunded),
  lateral (select coalesce(refunded, n), generator.hash(size.seed, 'payment', coalesce(refunded, n))) as paid (id, hash),
  lateral (select case paid.id % 20 when 7 then 1000 + generator.pick(paid.hash, 3, 100000) / 100.0 -- the first instalment
    else (2500 + generator.pick(paid.hash, 3, 15000)) / 100.0 end) as sum (whole),
  lateral (select trunc(whole / 2, 2)) as refund (half);

insert into django_content_type values
  (1, 'auth', 'user'), (2, 'dispatch', 'patient'), (3, 'dispatch', 'doctor'), (4, 'dispatch', 'order'),
  (5, 'dispatch', 'case'), (6, 'dispatch', 'task'), (7, 'dispatch', 'message'), (8, 'dispatch', 'file'),
  (9, 'django_comments', 'comment'), (10, 'shipping', 'parcel');

-- A quarter each about cases, orders, files and doctors.
insert into django_comments
select
  n,
  case r when 5 then 99 when 6 then 10 else (array[5, 4, 8, 3])[1 + n % 4] end,
  case r
    when 1 then (9000000 + n)::text                                      -- an order
    when 2 then generator.of_class(10, n, files, file_classes)::text     -- rejected for its type
    when 3 then generator.of_class(19, n, doctors, doctor_classes)::text -- deleted
    when 4 then generator.of_class(16, n, cases, case_classes)::text     -- deleted
    when 7 then 'None'
    when 8 then ' ' || generator.sound(h, 0, cases, case_classes) || ' '
    else (array[generator.sound(h, 0, cases, case_classes), generator.sound(h, 0, orders, order_classes),
      generator.sound(h, 0, files, file_classes), generator.sound(h, 0, doctors, doctor_classes)])[1 + n % 4]::text end,
  case
    when r = 9 then 9000000 + n
    when r = 10 then generator.of_class(1, n, comments, comment_classes)  -- rejected for its subject
    when r = 11 then generator.of_class(23, n, comments, comment_classes) -- removed
    when r = 12 then n + 60                                              -- behind it
    when r = 13 then n
    when n % 3 = 0 then generator.sound(h, 1, comments, comment_classes) / 12 * 12 + (n + 4) % 12 end, -- never itself
  case
    when r = 14 then null
    when r = 15 then 9000000 + n
    else 1000 + generator.sound(h, 2, profiles, profile_classes) end,
  case when n % 2 = 0 or r = 14 then generator.first_name(h) else '' end,
  case r when 16 then '<p>Looks <b>good</b> &ndash; go on</p>' when 17 then 'Please 🙏 hurry'
    when 18 then convert_from(convert_to('Très bien', 'utf8'), 'latin1') when 19 then ' '
    else 'Stage ' || generator.pick(h, 3, 30) || generator.one(h, 4, array[' is late', ' fits', ' is lost', ': see photo']) end,
  case r when 21 then timestamp '2019-03-10 02:30' when 22 then timestamp '2019-11-03 01:30'
    else generator.moment(h, 5) end,
  '10.0.' || generator.pick(h, 7, 4) || '.' || generator.pick(h, 8, 250),
  generator.pick(h, 9, 3) > 0,
  case when r = 23 then true when r between 24 and 29 then null else false end
from generator.size, generate_series(1, size.comments) as n,
  lateral (select n % size.comment_classes, generator.hash(size.seed, 'comment', n) offset 0) as x (r, h);

-- A quarter each about tasks, patients, messages and comments.
insert into dispatch_notification
select
  n,
  case
    when r = 1 then 9000000 + n
    when r = 2 then 1000 + generator.of_class(4, n, profiles, profile_classes) -- rejected for its e-mail
    else 1000 + generator.sound(h, 0, profiles, profile_classes) end,
  case r when 7 then null when 8 then 10 else (array[6, 2, 7, 9])[1 + n % 4] end,
  case
    when r = 3 then 9000000 + n                                          -- a comment
    when r = 4 then generator.of_class(14, n, tasks, task_classes)       -- rejected for its status
    when r = 5 then generator.of_class(11, n, patients, patient_classes) -- rejected for its birth date
    when r = 6 then generator.of_class(7, n, messages, message_classes)  -- rejected for its body
    when r <> 7 then (array[generator.sound(h, 1, tasks, task_classes), generator.sound(h, 1, patients, patient_classes),
      generator.sound(h, 1, messages, message_classes), generator.sound(h, 1, comments, comment_classes)])[1 + n % 4] end,
  case r when 13 then 'Fax &amp; scan have come' when 14 then 'Waits for you: ' || repeat('upper tray, ', 12)
    when 15 then ' ' else generator.one(h, 2, array['Is late', 'Was shipped', 'Has an answer', 'Needs a scan']) end,
  case r when 16 then ' Warning' when 17 then 'urgent!!' else generator.one(h, 3, array['info', 'success', 'warning']) end,
  case
    when r = 9 then '{"from": "fax\u0000"}' when r = 10 then '{u''from'': u''fax''}' when r = 12 then '{"from": '
    when r = 11 or n % 3 = 0 then '' else '{"from": "' || generator.one(h, 4, array['lab', 'office', 'fax']) || '"}' end,
  case
    when r = 20 then (extract(epoch from made.at) * 1000)::bigint        -- milliseconds, for once
    when r = 18 or n % 4 = 0 then 0
    when r = 19 then extract(epoch from made.at)::bigint - 864000
    else extract(epoch from made.at + generator.later(h, 7) + interval '6 hours')::bigint end,
  made.at,
  case when r = 23 then true when r between 24 and 29 then null else false end
from generator.size, generate_series(1, size.notifications) as n,
  lateral (select n % size.notification_classes, generator.hash(size.seed, 'notification', n) offset 0) as x (r, h),
  lateral (select case r when 21 then timestamp '2019-03-10 02:30' when 22 then timestamp '2019-11-03 01:30'
    else generator.moment(h, 5) end) as made (at);
