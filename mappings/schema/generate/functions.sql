-- What the generator's files share: the same rows on every machine, no random(), no clock.
--
-- How the dirt is dosed: row n of a table is of class n % m, and each low class has one known defect
-- (../DEFECTS.md lists them). m divides the table's size, so a class has exactly size / m rows at either scale.
-- Classes from m / 2 upwards are sound: nothing is wrong with them nor with anything that they refer to.
-- Rows of all classes refer to sound rows, unless a broken reference is the very defect of their class.

create schema generator;

-- One row: the seed, and for each table its rows and its classes. Another seed gives other names, amounts and
-- dates; every count stays the same.
create table generator.size (
  seed text,
  offices int, office_classes int,
  profiles int, profile_classes int,
  doctors int, doctor_classes int,
  patients int, patient_classes int,
  orders int, order_classes int,
  cases int, case_classes int,
  tasks int, task_classes int,
  messages int, message_classes int,
  files int, file_classes int,
  communications int, communication_classes int,
  payments int, payment_classes int,
  comments int, comment_classes int,
  notifications int, notification_classes int,
  jaws int, jaw_classes int,
  plans int, plan_classes int,
  discussions int, discussion_classes int,
  projects int, project_classes int,
  steps int, step_classes int,
  technicians int, technician_classes int,
  offers int, offer_classes int,
  purchases int, purchase_classes int,
  order_cases int, order_case_classes int,
  settings int, setting_classes int,
  attachments int, attachment_classes int,
  case_files int, case_file_classes int
);

create procedure generator.fill_size(scale numeric, seed text) language sql as $$
  insert into generator.size values (
    seed,
    40 * scale, 20,
    240 * scale, 120,
    160 * scale, 80,
    800 * scale, 200,
    800 * scale, 200,
    640 * scale, 160,
    12192 * scale, 508,
    320 * scale, 160,
    240 * scale, 120,
    240 * scale, 120,
    320 * scale, 160,
    240 * scale, 120,
    240 * scale, 120,
    120 * scale, 60,
    120 * scale, 60,
    80 * scale, 40,
    80 * scale, 40,
    160 * scale, 80,
    40 * scale, 20,
    120 * scale, 60,
    160 * scale, 80,
    80 * scale, 40,
    120 * scale, 60,
    60 * scale, 30,
    60 * scale, 30
  )
$$;

-- 32 hexadecimal digits that belong to row n of a table.
create function generator.hash(seed text, of text, n bigint) returns text immutable language sql
  return md5(seed || ':' || of || ':' || n);

-- A number from 0 to size - 1; slots 0 to 12 of one hash are independent enough.
create function generator.pick(hash text, slot int, size int) returns int immutable language sql
  return ('x' || substr(hash, 1 + 2 * slot, 7))::bit(28)::int % size;

create function generator.one(hash text, slot int, of text[]) returns text immutable language sql
  return of[1 + generator.pick(hash, slot, cardinality(of))];

-- The id of a sound row among the first `size`.
create function generator.sound(hash text, slot int, size int, classes int) returns int immutable language sql
  return generator.pick(hash, slot, size) / classes * classes
    + classes / 2 + generator.pick(hash, slot, classes / 2);

-- The id of a row of that class, other ones for other n.
create function generator.of_class(class int, n int, size int, classes int) returns int immutable language sql
  return n % (size / classes) * classes + class;

create function generator.first_name(hash text) returns text immutable language sql
  return generator.one(hash, 0, array['Ada', 'Ben', 'Chloe', 'Dmitri', 'Elena', 'Farid', 'Grace', 'Hugo', 'Ines',
    'Jamal', 'Keiko', 'Liam', 'Maya', 'Noah', 'Olga', 'Priya', 'Quinn', 'Rosa', 'Søren', 'Tomás']);

create function generator.last_name(hash text) returns text immutable language sql
  return generator.one(hash, 1, array['Adams', 'Brown', 'Costa', 'Diaz', 'Evans', 'Fischer', 'García', 'Hall',
    'Ivanova', 'Jones', 'Kim', 'Lopez', 'Müller', 'Nguyen', 'O''Brien', 'Patel', 'Rossi', 'Smith', 'Tanaka']);

-- One amount, written in the three ways that the legacy forms accepted.
create function generator.money(hash text, slot int, amount numeric) returns text immutable language sql
  return case generator.pick(hash, slot, 3)
    when 0 then '$' || to_char(amount, 'FM999,999,990.00')
    when 1 then trim_scale(amount)::text
    else amount::numeric(12, 2)::text end;

-- Office hours only, 2012 to 2019: never near a change of the clocks.
create function generator.moment(hash text, slot int) returns timestamp immutable language sql
  return timestamp '2012-01-02 08:00'
    + generator.pick(hash, slot, 2900) * interval '1 day' + generator.pick(hash, slot + 1, 540) * interval '1 minute';

create function generator.later(hash text, slot int) returns interval immutable language sql
  return generator.pick(hash, slot, 90) * interval '1 day' + generator.pick(hash, slot + 1, 300) * interval '1 minute';

-- Doctors of any class have a sound profile of their own: profiles of the classes 40 to 119.
create function generator.profile_of(doctor int) returns int immutable language sql
  return (doctor - 1) / 80 * 120 + 40 + (doctor - 1) % 80;
