-- The old shop: local times, dates and amounts as people wrote them.
create table client (
  id int primary key,
  first_name varchar(40),
  last_name varchar(40),
  email varchar(80),
  active char(1),
  created timestamp not null
);

create table client_order (
  number int primary key,
  client_id int,
  order_date varchar(10),
  amount varchar(20),
  state char(1)
);

insert into client values
  (1, 'Ada', 'Lovelace', 'Ada@Analytical.org ', 'Y', '2021-03-05 09:30:00'),
  (2, 'Grace', 'Hopper', 'grace@navy.mil', 'Y', '2021-07-01 12:00:00'),
  (3, null, 'Turing Ltd', '', 'N', '2022-01-10 08:15:00'),
  (4, 'Test', 'Test', 'test@example.com', 'Y', '2022-02-02 02:02:02'),
  (5, 'Edsger', 'Dijkstra', 'edsger@tue.nl', null, '2022-11-11 11:11:00');

insert into client_order values
  (100, 1, '06.03.2021', '1.234,50 €', 'P'),
  (101, 1, '30.02.2021', '20,00 €', 'P'), -- no calendar has this day
  (102, 2, '02.07.2021', '99,90 €', 'P'),
  (103, 3, '11.01.2022', '7,00 €', 'X'),
  (104, 9, '12.01.2022', '15,00 €', 'O'), -- there is no client 9
  (105, 5, '12.11.2022', '3,25 €', 'O');
