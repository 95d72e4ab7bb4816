/** A pair of databases and a project in which every line that is marked has something wrong with it. */
export const PLANTED = {
  source: `
    create table customer (id int, name text, email text, state text, tier text, born text, score int, mood text,
      address text, ratio int, grade int, code text, country text, manager int, spent numeric);
    insert into customer
      select i, 'customer ' || i, 'c' || i || '@example.com', 'A', 'gold', '1990-01-31', i, 'happy', '10.0.0.' || i,
        1, 1, 'C' || i, 'de', case when i % 10 = 0 then i - 1 end, 10
      from generate_series(1, 100) i;
    update customer set state = '?' where id in (3, 4, 5);
    update customer set tier = 'tin' where id = 6;
    update customer set name = null where id in (7, 8);
    update customer set name = repeat('x', 41) where id = 9;
    update customer set score = 40000 where id = 11;
    update customer set mood = 'sullen' where id in (12, 13);
    update customer set born = '1990-02-30' where id = 14;
    update customer set spent = -1 where id in (15, 16, 17);
    update customer set ratio = 0 where id = 18;
    update customer set email = 'c1@example.com' where id in (19, 21);
    update customer set grade = 9 where id = 22;
    update customer set code = 'c 23' where id = 23;
    update customer set country = 'xx' where id in (24, 25);
    update customer set address = 'nowhere' where id = 26;
    update customer set manager = 9000 where id = 27;
    update customer set manager = 100 where id = 28;
    insert into customer (id, name, email, state, tier, born, score, mood, address, ratio, grade, code, country, spent)
      select i, 'twin', 'twin@example.com', 'A', 'gold', '1990-01-31', 1, 'happy', '10.0.0.1', 1, 1, 'T', 'de', 1
      from (values (102), (102), (null)) v(i);
    create table client_order (number int primary key, customer int, agent int, product int, note text);
    insert into client_order select i, 1 + i % 2, null, 1, null from generate_series(1, 40) i;
    update client_order set customer = 777 where number in (5, 6);
    update client_order set customer = 3 where number = 7;
    update client_order set note = 'long ago' where number = 8;
    create table product (id int primary key, name text, old text);
    insert into product select i, 'product ' || i, 'x' from generate_series(1, 10) i;
    create table label (id int primary key, name text);
    insert into label values (1, 'one'), (2, 'two');
    create table secret (id int primary key, name text);
    alter table secret enable row level security;
    insert into secret values (1, 'one');`,
  /** As superuser: SQL files of a source grant nothing. */
  grants: 'grant insert on label to etl_source',
  target: `
    create type mood as enum ('happy', 'sad');
    create domain code as text check (value ~ '^[A-Z0-9]+$');
    create table countries (iso text primary key);
    insert into countries values ('de');
    create table customers (id bigint generated always as identity primary key, legacy_id int not null unique,
      name varchar(40) not null, email text constraint one_email unique, state text, tier text, born date,
      score smallint, mood mood, address inet, ratio int, grade int constraint known_grade check (grade < 6),
      code code, country text constraint known_country references countries,
      manager_id bigint constraint manages references customers, spent numeric);
    create table products (id int primary key, name text, made int not null, price date);
    create table orders (number int primary key, customer_id bigint references customers,
      agent_id bigint constraint sells references products, product_id int constraint sold references products,
      note text);
    create table labels (id int primary key, name text);
    insert into labels values (2, 'here before');
    create table marks (id serial primary key, legacy_id int not null unique, name text);
    insert into marks (id, legacy_id, name) values (7, -7, 'x'), (8, -8, 'x');
    create table seals (id smallint generated always as identity primary key, legacy_id int not null unique, name text);
    alter sequence seals_id_seq restart with 32767;
    create table stamps (id int primary key, name text);
    insert into stamps values (5, 'of others');
    create table keyless (id int, name text);
    create table secrets (id int primary key, name text);
    create function stamp() returns trigger language plpgsql as 'begin return new; end';
    create trigger stamp before insert or update on labels for each row execute function stamp();
    alter database :database: set default_transaction_read_only = on;
    revoke create, temporary on database :database: from etl_target;`,
  /** As superuser: a table that is not the target role's own. */
  admin: `
    create table locked (id serial primary key, legacy_id int not null unique, name text);
    grant select, insert on locked to etl_target;`,
  mappings: {
    customers: `source:
  table: customer
  key: id
target: { table: customers, key: legacy_id, identity: id }
columns:
  legacy_id: id
  name: name
  email: email
  state: { from: state, map: { A: active } }
  tier: { from: tier, lookup: { values: { gold: G } } }
  born: { from: born, steps: [{ parse_date: YYYY-MM-DD }] }
  score: score
  mood: mood
  address: address
  ratio: { sql: 1 / ratio }
  grade: grade
  code: code
  country: country
  manager_id: { from: manager, references: customers }
  spent: spent
rules:
  - range: { column: spent, min: 0 }
max_rejects: 1
`,
    orders: `source: { table: client_order, key: number }
target: { table: orders, key: number }
columns:
  number: number
  customer_id: { from: customer, references: customers }
  agent_id: { from: agent, references: customers }
  product_id: product
  note: note
rules:
  - sql: note is distinct from 'long ago'
    name: recent
    severity: warn
max_rejects: 100
`,
    products: `source: { table: product, key: id }
target: { table: products, key: id }
columns:
  id: id
  nmae: name
  price: old
`,
    labels: `source: { table: label, key: id }
target: { table: labels, key: id, mode: insert }
columns: { id: id, name: name }
`,
    marks: `source: { table: label, key: id }
target: { table: marks, key: legacy_id, identity: id }
columns: { legacy_id: id, name: name }
`,
    seals: `source: { table: label, key: id }
target: { table: seals, key: legacy_id, identity: id }
columns: { legacy_id: id, name: name }
rules:
  - accepted_values: { column: name, values: [one] }
    severity: fail
`,
    stamps: `source: { table: label, key: id }
target: { table: stamps, key: id, mode: replace }
columns: { id: id, name: name }
`,
    keyless: `source: { table: label, key: id }
target: { table: keyless, key: id }
columns: { id: id, name: name }
`,
    secrets: `source: { table: secret, key: id }
target: { table: secrets, key: id }
columns: { id: id, name: name }
`,
    locked: `source: { table: label, key: id }
target: { table: locked, key: legacy_id, identity: id }
columns: { legacy_id: id, name: name }
`,
  },
} as const;

/** What is to be found: code, file and a text of the line, rows at stake (null: none), a sample's key. */
export type Expected = readonly [
  code: string,
  severity: string,
  file: string,
  line: string,
  rows: number | null,
  key?: string,
];

export const EXPECTED: readonly Expected[] = [
  ['ETL-CHECK-040', 'warning', 'customers', 'key: id', 1, 'null'],
  ['ETL-CHECK-041', 'warning', 'customers', 'key: id', 2, '102'],
  ['ETL-CHECK-042', 'warning', 'customers', 'state:', 3, '3'],
  ['ETL-CHECK-043', 'warning', 'customers', 'tier:', 1, '6'],
  ['ETL-CHECK-045', 'warning', 'customers', 'name: name', 2, '7'],
  ['ETL-CHECK-046', 'warning', 'customers', 'name: name', 1, '9'],
  ['ETL-CHECK-047', 'warning', 'customers', 'score:', 1, '11'],
  ['ETL-CHECK-048', 'warning', 'customers', 'mood:', 2, '12'],
  ['ETL-CHECK-049', 'warning', 'customers', 'born:', 1, '14'],
  ['ETL-CHECK-050', 'warning', 'customers', 'range:', 3, '15'],
  ['ETL-CHECK-051', 'warning', 'customers', 'ratio:', 1, '18'],
  ['ETL-CHECK-052', 'warning', 'customers', 'email:', 2, '19'],
  ['ETL-CHECK-053', 'warning', 'customers', 'grade:', 1, '22'],
  ['ETL-CHECK-053', 'warning', 'customers', 'code:', 1, '23'],
  ['ETL-CHECK-054', 'warning', 'customers', 'country:', 2, '24'],
  ['ETL-CHECK-055', 'warning', 'customers', 'address:', 1, '26'],
  // What refers to rows that come later, or never: decided when all have come.
  ['ETL-CHECK-044', 'warning', 'customers', 'manager_id:', 1, '27'],
  ['ETL-CHECK-059', 'warning', 'customers', 'manager_id:', 2, '10'],
  ['ETL-CHECK-057', 'error', 'customers', 'source:', 28],
  ['ETL-CHECK-044', 'warning', 'orders', 'customer_id:', 2, '5'],
  ['ETL-CHECK-059', 'warning', 'orders', 'customer_id:', 1, '7'],
  ['ETL-CHECK-060', 'warning', 'orders', 'sql:', 1],
  ['ETL-CHECK-033', 'error', 'orders', 'agent_id:', null],
  ['ETL-CHECK-031', 'warning', 'orders', 'product_id:', null],
  ['ETL-BIND-005', 'error', 'products', 'nmae:', null],
  ['ETL-BIND-006', 'error', 'products', 'target:', null],
  ['ETL-BIND-007', 'error', 'products', 'price:', null],
  ['ETL-BIND-010', 'error', 'keyless', 'target:', null],
  ['ETL-CHECK-056', 'warning', 'labels', 'target:', 1, '2'],
  ['ETL-CHECK-030', 'warning', 'labels', 'target:', null],
  ['ETL-CHECK-034', 'error', 'marks', 'target:', 2],
  ['ETL-CHECK-035', 'error', 'seals', 'target:', 1],
  ['ETL-CHECK-050', 'error', 'seals', 'accepted_values:', 1, '2'],
  ['ETL-CHECK-036', 'error', 'stamps', 'target:', 1],
  ['ETL-CHECK-020', 'error', 'locked', 'target:', null],
  ['ETL-CHECK-022', 'error', 'locked', 'target:', null],
  ['ETL-CHECK-009', 'error', 'etl.yaml', 'target:', null],
  ['ETL-CHECK-010', 'warning', 'etl.yaml', 'source:', null],
  ['ETL-CHECK-011', 'error', 'secrets', 'source:', null],
  ['ETL-CHECK-021', 'error', 'etl.yaml', 'target:', null],
  ['ETL-CHECK-023', 'error', 'etl.yaml', 'target:', null],
];
