-- Compiling these statements takes longer than running them.
set jit = off;

-- Technicians of any class have a sound profile of their own: profiles of the classes 60 to 79.
insert into dispatch_technician
select
  n,
  1000 + case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(4, n, profiles, profile_classes) -- rejected for its e-mail
    else (n - 1) / 20 * 120 + 60 + (n - 1) % 20 end,
  'T-' || to_char(case when r = 9 then n - 1 else n end, 'FM0000'), -- the badge of the technician before
  case r when 3 then 'per piece' when 4 then '' else generator.money(h, 0, 18 + generator.pick(h, 1, 40) * 0.5) end,
  generator.one(h, 2, array['scan;print', 'print', 'polish;pack;print', '']),
  case r
    when 5 then '02/30/2015' when 6 then '00/00/0000'
    else to_char(date '2011-01-03' + generator.pick(h, 3, 2500), 'MM/DD/YYYY') end,
  case r when 7 then 'N' when 8 then null else 'Y' end
from generator.size, generate_series(1, size.technicians) as n,
  lateral (select n % size.technician_classes, generator.hash(size.seed, 'technician', n) offset 0) as x (r, h);

-- Each is a technician; the sound ones are something besides.
insert into dispatch_technicianrole
select t.id, role, generator.moment(h, 0)
from generator.size, dispatch_technician as t,
  lateral (select t.id % size.technician_classes, generator.hash(size.seed, 'granted', t.id) offset 0) as x (r, h),
  unnest(case
    when r = 6 then array[4, 99]
    when r = 7 then array[4, 8] -- skipped as retired
    when r between 1 and 9 then array[4]
    else array[4, (array[3, 6, 7])[1 + t.id % 3]] end) as role;

-- The script that was started twice.
insert into dispatch_technicianrole
select technician_id, role_id, granted + interval '1 hour'
from generator.size, dispatch_technicianrole where technician_id % size.technician_classes = 4;

insert into dispatch_discount
select
  n, case n when 3 then 'save3 ' when 5 then 'Save4' else 'SAVE' || n end,
  case n when 17 then 'Spring &amp; summer' when 6 then '' else 'Campaign ' || n end,
  case when n = 7 then 'X' when n % 2 = 1 then 'P' else 'A' end,
  case
    when n = 9 then '150 %' when n = 11 then 'ask'
    when n % 2 = 1 then 5 + n || ' %' else '$' || 10 + n || '.50' end,
  case n when 13 then '00000000' when 14 then '' else '20180101' end,
  case n when 15 then '20171231' when 14 then '' else '20191231' end
from generate_series(1, 20) as n;

insert into dispatch_offer
select
  n,
  case r when 27 then 'TEST-' || n when 23 then 'OFF-' || n - 1 else 'OFF-' || n end, -- 23: the number before
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(17, n, doctors, doctor_classes) -- rejected for its status
    when 3 then generator.of_class(19, n, doctors, doctor_classes) -- deleted
    else generator.sound(h, 0, doctors, doctor_classes) end,
  case
    when r = 4 then 9000000 + n
    when n % 4 = 0 then null
    else generator.sound(h, 1, patients, patient_classes) end,
  case r
    when 13 then repeat('Aligners with three refinements, ', 7) when 14 then 'Retainer &#38; whitening'
    else initcap(generator.one(h, 2, array['aligners', 'retainers', 'refinement'])) || ' ' || n end,
  case r when 5 then 'lost' when 6 then '' else generator.one(h, 3, array['Draft', 'sent', 'accepted', 'DECLINED']) end,
  case r
    when 7 then '1.234,50' when 8 then '' when 9 then 'on request'
    else generator.money(h, 4, money.list) end,
  case r when 25 then '(' || money.reduction || ')' when 26 then '-' || money.reduction else money.reduction || '' end,
  case r when 15 then money.list + 10 else money.list - money.reduction end,
  case r when 10 then 'EUR' when 28 then 'usd ' else 'USD' end,
  case r
    when 11 then '2019-02-30' when 12 then '0000-00-00'
    else (generator.moment(h, 6) + interval '30 days')::date::text end,
  case when r = 16 then 1 when r between 17 and 22 then null else 0 end,
  generator.moment(h, 6),
  case when r = 24 then generator.moment(h, 6) - interval '1 day' else generator.moment(h, 6) + generator.later(h, 9) end
from generator.size, generate_series(1, size.offers) as n,
  lateral (select n % size.offer_classes, generator.hash(size.seed, 'offer', n) offset 0) as x (r, h),
  lateral (select c / 100.0::numeric(12, 2), trunc(c / 1000.0, 2)
    from (select 5000 + generator.pick(h, 5, 50000)) as cents (c)) as money (list, reduction);

-- Discounts 16 to 20 are sound.
insert into dispatch_offerdiscount
select
  case when r = 20 then 9000000 + o.id else o.id end,
  case when r = 17 then 99 when r = 18 then 15 else 16 + (o.id + position) % 5 end, -- 15: rejected for its dates
  position
from generator.size, dispatch_offer as o,
  lateral (select o.id % size.offer_classes offset 0) as x (r),
  generate_series(1, case when r in (0, 5, 16, 17, 18, 20) or r between 30 and 39 then 1
    when r >= 40 then 2 else 0 end) as position;

-- One pair that stands twice: nobody can tell its place.
insert into dispatch_offerdiscount
select o.id, 16, position
from generator.size, dispatch_offer as o, generate_series(1, 2) as position where o.id % size.offer_classes = 19;

-- Two lines each; purchases of the classes below 29 have one. What a purchase comes to is the sum of them.
insert into dispatch_purchaseitem
select
  n, line,
  case r when 32 then case line when 2 then 99 end when 33 then case line when 2 then 9 end -- 9: rejected for its tooth
    else case when line = 1 then 29 + generator.pick(h, 0, 28) end end,
  case
    when line = 1 then 'Brackets ' || generator.pick(h, 1, 90)
    when r = 34 then 'Wire &amp; hook &#x2014; .016&quot;' when r = 35 then ' '
    when r = 36 then convert_from(convert_to('Drahtbögen für oben', 'utf8'), 'latin1')
    else 'Arch wire' end,
  q,
  case when r = 37 and line = 2 then 'incl.' else generator.money(h, 2, cents / 100.0) end,
  q * cents / 100.0, generator.moment(generator.hash(size.seed, 'purchase', n), 9)
from generator.size, generate_series(1, size.purchases) as n,
  lateral (select n % size.purchase_classes) as x (r),
  generate_series(1, case when r between 1 and 28 then 1 else 2 end) as line,
  lateral (select generator.hash(size.seed, 'line', n * 10 + line) offset 0) as y (h),
  lateral (select 1 + generator.pick(h, 3, 5), 1000 + generator.pick(h, 4, 10000)) as z (q, cents);

insert into dispatch_purchase
select
  n,
  case r when 24 then 'TEST-' || n when 9 then 'PUR-' || n - 1 else 'PUR-' || n end, -- 9: the number before
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(17, n, doctors, doctor_classes) -- rejected for its status
    when 3 then null
    else generator.sound(h, 0, doctors, doctor_classes) end,
  case
    when r = 4 then 9000000 + n
    when r = 5 then generator.of_class(5, n, offers, offer_classes)  -- rejected for its status
    when r = 6 then generator.of_class(16, n, offers, offer_classes) -- deleted
    when n % 2 = 0 then generator.sound(h, 1, offers, offer_classes) end,
  case r
    when 25 then 'ghost' when 26 then ''
    else 'user' || generator.sound(h, 2, profiles, profile_classes) end,
  case r when 7 then 'Z' when 8 then ' ' else generator.one(h, 3, array['O', 'I', 'P', 'P']) end,
  m.subtotal, m.discount, m.tax, m.subtotal - m.discount + round(m.tax, 2) + case when r = 12 then 0.01 else 0 end,
  case r
    when 10 then '' when 13 then '1.234,50' when 14 then '' when 15 then '(12.00)' when 28 then '$99,999.00'
    else generator.money(h, 4, m.subtotal - m.discount) end,
  case r when 16 then ' usd' when 17 then 'CAD' else 'USD' end,
  case r when 18 then timestamp '2019-03-10 02:30' when 19 then timestamp '2019-11-03 01:30'
    else generator.moment(h, 9) end,
  case when r = 20 then 1 when r between 21 and 23 then null else 0 end,
  generator.moment(h, 9),
  case when r = 27 then generator.moment(h, 9) - interval '1 day' else generator.moment(h, 9) + generator.later(h, 11) end
from generator.size
  cross join (select purchase_id, sum(amount) from dispatch_purchaseitem group by purchase_id) as lines (n, amount)
  cross join lateral (
    select n % size.purchase_classes, generator.hash(size.seed, 'purchase', n) offset 0) as x (r, h)
  cross join lateral (select case r when 11 then amount + 10 else amount end) as s (subtotal)
  cross join lateral (select case r when 10 then subtotal + 10 else trunc(subtotal / 20, 2) end) as d (discount)
  cross join lateral (
    select subtotal, discount, round((subtotal - discount) * 0.08875, 6)) as m (subtotal, discount, tax)
order by n;

-- A line that was saved twice (the first time with another amount), one of nothing, and lines of purchases that are gone.
insert into dispatch_purchaseitem
select purchase_id, line, bracket_id, title, quantity + 1, unit_price, amount + 5, updated - interval '1 minute'
from generator.size, dispatch_purchaseitem where purchase_id % size.purchase_classes = 29 and line = 2;

insert into dispatch_purchaseitem
select purchase_id, 3, bracket_id, title, 0, unit_price, 0, updated
from generator.size, dispatch_purchaseitem where purchase_id % size.purchase_classes = 31 and line = 2;

insert into dispatch_purchaseitem
select 9000000 + purchase_id, 1, bracket_id, title, quantity, unit_price, amount, updated
from generator.size, dispatch_purchaseitem where purchase_id % size.purchase_classes = 30 and line = 2;

-- Cases of the classes 80, 84 … 156, each with its order.
insert into dispatch_ordercase
select
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(11, n, orders, order_classes) -- rejected for its status
    when 3 then generator.of_class(31, n, orders, order_classes) -- a test order, skipped
    else c.order_id end,
  case r
    when 4 then 9000000 + n
    when 5 then generator.of_class(6, n, cases, case_classes)  -- rejected for its kind
    when 6 then generator.of_class(16, n, cases, case_classes) -- deleted
    else c.id end,
  case r when 7 then '?' when 8 then null else generator.one(h, 0, array['P', 'R']) end,
  case r when 10 then timestamp '2019-11-03 01:30' else generator.moment(h, 1) end
from generator.size
  cross join generate_series(1, size.order_cases) as n
  cross join lateral (
    select n % size.order_case_classes, generator.hash(size.seed, 'ordercase', n) offset 0) as x (r, h)
  join dispatch_case as c on c.id = (n - 1) / 20 * 160 + 80 + (n - 1) % 20 * 4;

insert into dispatch_ordercase
select oc.order_id, oc.case_id, 'R', oc.linked + interval '1 day'
from generator.size, dispatch_ordercase as oc
where oc.case_id in (
  select (n - 1) / 20 * 160 + 80 + (n - 1) % 20 * 4
  from generate_series(9, size.order_cases, size.order_case_classes) as n);

-- Messages of the classes 80, 82 … 138, each with a file of the classes 60, 62 … 118.
insert into dispatch_messageattachment
select
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(7, n, messages, message_classes) -- rejected for its body
    else (n - 1) / 30 * 160 + 80 + (n - 1) % 30 * 2 end,
  case r
    when 3 then 9000000 + n
    when 4 then generator.of_class(13, n, files, file_classes) -- rejected for its size
    when 5 then generator.of_class(23, n, files, file_classes) -- deleted
    else (n - 1) / 30 * 120 + 60 + (n - 1) % 30 * 2 end,
  case when r = 6 then 0 else 1 end,
  case when r = 7 then '?' when r = 8 then null else generator.one(h, 0, array['Y', 'N']) end,
  case r
    when 10 then 'Before &amp; after' when 11 then repeat('upper jaw, ', 12)
    when 12 then convert_from(convert_to('Röntgenbild', 'utf8'), 'latin1') when 13 then 'Day 1 📷'
    else generator.one(h, 1, array['', ' ', 'front', 'left side']) end
from generator.size, generate_series(1, size.attachments) as n,
  lateral (select n % size.attachment_classes, generator.hash(size.seed, 'attachment', n) offset 0) as x (r, h);

-- A picture that was dropped into one message twice.
insert into dispatch_messageattachment
select a.message_id, a.file_id, 2, a.inline, a.caption
from generator.size, generate_series(9, size.attachments, size.attachment_classes) as n
join dispatch_messageattachment as a on a.message_id = (n - 1) / 30 * 160 + 80 + (n - 1) % 30 * 2;

-- Cases of the classes 81, 83 … 139 of every other block, each with a file of the classes 61, 63 … 119.
insert into dispatch_casefile
select
  case r
    when 1 then 9000000 + n
    when 2 then generator.of_class(6, n, cases, case_classes)  -- rejected for its kind
    when 3 then generator.of_class(16, n, cases, case_classes) -- deleted
    else (n - 1) / 30 * 320 + 81 + (n - 1) % 30 * 2 end,
  case r
    when 4 then 9000000 + n
    when 5 then generator.of_class(13, n, files, file_classes) -- rejected for its size
    when 6 then generator.of_class(23, n, files, file_classes) -- deleted
    else (n - 1) / 30 * 120 + 61 + (n - 1) % 30 * 2 end,
  case r when 7 then 'selfie' when 8 then null else generator.one(h, 0, array['scan', 'Photo', 'x-ray', 'consent']) end,
  case when r = 11 then 2 when r = 12 then null else generator.pick(h, 1, 2) end,
  case r when 10 then timestamp '2019-03-10 02:30' else generator.moment(h, 2) end
from generator.size, generate_series(1, size.case_files) as n,
  lateral (select n % size.case_file_classes, generator.hash(size.seed, 'casefile', n) offset 0) as x (r, h);

-- Pinned a day later by adding it again.
insert into dispatch_casefile
select f.case_id, f.file_id, f.purpose, 1, f.added + interval '1 day'
from generator.size, generate_series(9, size.case_files, size.case_file_classes) as n
join dispatch_casefile as f on f.case_id = (n - 1) / 30 * 320 + 81 + (n - 1) % 30 * 2;

-- Two settings for each doctor of the classes 40 to 69.
insert into dispatch_doctorsetting
select
  case r
    when 1 then 9000000 + n
    when 2 then (n - 1) / 60 * 80 + 19 -- deleted
    else (n - 1) / 60 * 80 + 40 + (n - 1) % 60 / 2 end,
  case
    when r = 8 or r = 9 then 'pageSize' when r = 10 then 'page_size' -- 9 and 10 are of one doctor
    when r = 11 then 'ie6_mode' when r = 12 then 'api_token'
    else (array['theme', 'mail'])[1 + n % 2] end,
  case
    when r = 3 then '{"daily": ' when r = 4 then 'True' when r = 5 then '' when r = 6 then ' '
    when r = 7 then '"a\u0000b"' when r in (8, 9, 10) then '50' when r = 12 then '"' || h || '"'
    when n % 2 = 1 then '{"daily": true, "hour": ' || generator.pick(h, 0, 24) || '}'
    else '"' || generator.one(h, 1, array['light', 'dark']) || '"' end,
  generator.moment(h, 2)
from generator.size, generate_series(1, size.settings) as n,
  lateral (select n % size.setting_classes, generator.hash(size.seed, 'setting', n) offset 0) as x (r, h);
