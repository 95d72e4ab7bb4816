create table customers (
  id bigint generated always as identity primary key,
  legacy_id int not null unique,
  name text not null,
  email text unique,
  status text not null check (status in ('active', 'closed', 'unknown')),
  created_at timestamptz not null
);

create table orders (
  id bigint generated always as identity primary key,
  legacy_number int not null unique,
  customer_id bigint not null references customers,
  ordered_on date not null,
  total numeric(10, 2) not null,
  status text not null
);
