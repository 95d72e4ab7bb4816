-- For `pass`: the source's own columns and a primary key, by which a second run would find its rows; nothing else.
create table bare (
  id int primary key, patient_id int, doctor_id int, kind smallint, title varchar(40), body varchar(120),
  status char(1), price numeric(12,2), created timestamp, finished timestamp, urgent boolean, extra jsonb
);
