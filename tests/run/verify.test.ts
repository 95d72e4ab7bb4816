import { afterAll, beforeAll, expect, test } from 'vitest';
import { differenceWords } from '../../engine/contract/difference.js';
import type { VerifyResult } from '../../engine/contract/verify.js';
import { verifySummary, verifyText } from '../../reports/verify.js';
import { createProject, type TestProject } from '../support/project.js';

const SOURCE = `
create table customers (id int primary key, name text, email text, vip bool, changed timestamptz default '2020-01-01');
insert into customers select g, 'name ' || g, 'mail' || g || '@example.com', g % 2 = 0 from generate_series(1, 100) g;
insert into customers values (101, null, 'x@example.com', true), (102, 'skipped', null, false);
create table orders (id int primary key, customer int, total numeric(12,2), placed timestamptz);
insert into orders select g, g % 80 + 1, g * 1.01, '2026-01-01 12:00+00'::timestamptz + g * interval '1 minute' from generate_series(1, 300) g;
create table lines (order_id int, pos int, sku text, qty int, price numeric, primary key (order_id, pos));
insert into lines select o, p, 'sku ' || p, o % 7, o + p / 3.0 from generate_series(1, 200) o, generate_series(1, 2) p;
create table tags (label text primary key, colour text);
insert into tags values ('a', 'red'), ('B', 'green'), ('Äpfel', 'blue'), ('zebra', 'grey'), (E'tab\\tname', 'pink'), ('_', 'black');
create table docs (id uuid primary key, body jsonb);
insert into docs select ('00000000-0000-0000-0000-0000000000' || lpad(to_hex(g), 2, '0'))::uuid, jsonb_build_object('n', g, 'a', 1) from generate_series(1, 20) g;
create table rates (day date, code numeric, rate numeric, primary key (day, code));
insert into rates select '2026-01-01'::date + g, g + 0.50, g / 8.0 from generate_series(1, 20) g;
create type mood as enum ('sad', 'happy');
create table types (id int primary key, num numeric, f8 float8, f4 float4, arr numeric[], bin bytea, js jsonb, j json, tz timestamptz,
  ts timestamp, d date, iv interval, b bool, u uuid, txt text, ch char(5), m mood, pt point, r int4range);
insert into types select g, 1.0 + g, 1e2 + g, 0.1, array[1.0, 2.50], '\\x00ff', '{"a": 1, "b": [1, 2]}', '{"a": 1, "b": 2}', '2026-03-29 01:30+00',
  '2026-03-29 02:30', '2026-02-28', '1 day', true, '00000000-0000-0000-0000-000000000001', 'x', 'abc', 'happy', '(1,2)', '[1,5)' from generate_series(1, 30) g;
`;

const TARGET = `
create table customers (id bigserial primary key, legacy_id int not null unique, name text not null, email text, vip boolean, loaded timestamptz, extra text default 'own');
insert into customers (legacy_id, name) values (-1, 'was there before');
create table orders (id bigserial primary key, legacy_id int not null unique, customer_id bigint not null references customers, total numeric(12,2), placed timestamptz);
create table lines (id bigserial primary key, order_id bigint not null references orders, pos int not null, sku text, qty int, price numeric, unique (order_id, pos));
create table tags (label text primary key, colour text);
create table docs (id uuid primary key, body jsonb);
create table rates (day date, code numeric, rate numeric, primary key (day, code));
create type mood as enum ('sad', 'happy');
create table types (id int primary key, num numeric, f8 float8, f4 float4, arr numeric[], bin bytea, js jsonb, j json, tz timestamptz,
  ts timestamp, d date, iv interval, b bool, u uuid, txt text, ch char(5), m mood, pt point, r int4range);
`;

const MAPPINGS = {
  customers: `
source: { table: customers, key: id, skip_when: { skipped: "name = 'skipped'" }, sensitive: [email], ignore: { columns: [changed], reason: no } }
target: { table: customers, key: legacy_id, identity: id }
columns: { legacy_id: id, name: { from: name, steps: [upper] }, email: email, vip: vip, loaded: { generate: now } }
`,
  orders: `
source: { table: orders, key: id }
target: { table: orders, key: legacy_id, identity: id }
columns: { legacy_id: id, customer_id: { from: customer, references: customers }, total: total, placed: placed }
checks: [{ sum: total }, { min_max: placed }, { distinct: customer_id }]
`,
  lines: `
source: { table: lines, key: [order_id, pos] }
target: { table: lines, key: [order_id, pos], identity: id }
columns: { order_id: { from: order_id, references: orders }, pos: pos, sku: { from: sku, steps: [trim] }, qty: qty, price: price }
`,
};

const SETTINGS = 'copy: [tags, docs, rates, types]';

let project: TestProject;

beforeAll(async () => {
  project = await createProject({ source: SOURCE, target: TARGET, mappings: MAPPINGS, settings: SETTINGS });
  const { exitCode } = await project.run();
  expect(exitCode).toBe(0);
});
afterAll(() => project.drop());

/** Every difference that was named, with its mapping. */
const named = (result: VerifyResult): string[] =>
  result.mappings.flatMap(({ mapping, checks }) =>
    checks.flatMap(({ check, differences = [] }) =>
      check === 'content' || check.startsWith('foreign key')
        ? differences.map((one) => `${mapping} ${differenceWords(one)}`)
        : [],
    ),
  );

const failed = (result: VerifyResult): string[] =>
  result.mappings.flatMap(({ mapping, checks }) =>
    checks.filter(({ status }) => status === 'failed').map(({ check }) => `${mapping} ${check}`),
  );

test('a clean pair has no difference, also where values were written in another way', async () => {
  await project.target(`
    update types set num = 3.000 where id = 2; update types set num = num where id = 3;
    update types set js = '{"b": [1, 2], "a": 1.0}', j = '{ "b": 2, "a": 1 }', arr = '{1.00,2.5}' where id = 4;
    update types set tz = '2026-03-29 03:30+02', f8 = '1.04e2', f4 = '1e-1', bin = decode('AP8=', 'base64'), iv = '24:00' where id = 4;
    update types set r = '[1,4]', ch = 'abc  ', pt = '(1.0,2.0)' where id = 5`);
  const before = await project.target('select sum(hashtext(t::text)) from orders t');
  const result = await project.verify();
  expect(failed(result)).toEqual([]);
  expect(named(result)).toEqual(['customers key -1: in the target before the project']);
  expect(result.exitCode).toBe(0);
  expect(await project.target('select sum(hashtext(t::text)) from orders t')).toEqual(before);
  const content = result.mappings
    .find(({ mapping }) => mapping === 'customers')
    ?.checks.find((c) => c.check === 'content');
  expect(content).toMatchObject({ status: 'warned', source: '100', target: '100', found: 0 });
  expect(content?.note).toMatch(
    /not compared: loaded \(made anew in every run\), id \(its own id\), extra \(the database's own\)/,
  );
});

/** What is done to a database → what is said of it. */
const DEFECTS: readonly (readonly ['source' | 'target', string, string])[] = [
  [
    'target',
    `update customers set name = 'NAME 5x' where legacy_id = 5`,
    'customers key 5, name: source NAME 5, target NAME 5x',
  ],
  [
    'target',
    `update customers set email = null where legacy_id = 6`,
    'customers key 6, email: source ***, target null',
  ],
  [
    'target',
    `update customers set vip = not vip where legacy_id = 7`,
    'customers key 7, vip: source f, target t',
  ],
  ['target', `delete from customers where legacy_id = 90`, 'customers key 90: missing in the target'],
  [
    'target',
    `insert into customers (legacy_id, name) values (500, 'NEW')`,
    'customers key 500: in the target, made by nobody of the project',
  ],
  [
    'target',
    `update orders set total = total + 0.01 where legacy_id = 77`,
    'orders key 77, total: source 77.77, target 77.78',
  ],
  [
    'target',
    `update orders set placed = placed + interval '1 microsecond' where legacy_id = 78`,
    'orders key 78, placed: source 2026-01-01 13:18:00+00, target 2026-01-01 13:18:00.000001+00',
  ],
  [
    'target',
    `update orders set customer_id = (select id from customers where legacy_id = 3) where legacy_id = 79`,
    'orders key 79, customer_id: source <80>, target <3>',
  ],
  ['target', `delete from orders where legacy_id = 300`, 'orders key 300: missing in the target'],
  [
    'target',
    `update lines set qty = qty + 1 where id = (select id from lines where sku = 'sku 1' order by price limit 1 offset 2)`,
    'lines key ["3","1"], qty: source 3, target 4',
  ],
  [
    'target',
    `delete from lines where order_id = (select id from orders where legacy_id = 4) and pos = 2`,
    'lines key ["4","2"]: missing in the target',
  ],
  [
    'target',
    `insert into lines (id, order_id, pos) select 7001, id, 9 from orders where legacy_id = 5`,
    'lines key 7001: in the target, made by nobody of the project',
  ],
  [
    'target',
    `update tags set colour = 'Blue' where label = 'Äpfel'`,
    'tags key Äpfel, colour: source blue, target Blue',
  ],
  ['target', `delete from tags where label = 'zebra'`, 'tags key zebra: missing in the target'],
  [
    'target',
    `insert into tags values ('Zoo', 'x')`,
    'tags key Zoo: in the target, made by nobody of the project',
  ],
  [
    'target',
    `update docs set body = body || '{"n": 7.1}' where body ->> 'n' = '7'`,
    'docs key 00000000-0000-0000-0000-000000000007, body: source {"a": 1, "n": 7}, target {"a": 1, "n": 7.1}',
  ],
  [
    'target',
    `update rates set rate = 9 where code = 3.50`,
    'rates key ["2026-01-04","3.50"], rate: source 0.37500000000000000000, target 9',
  ],
  [
    'target',
    `update types set num = num + 0.0000001 where id = 11`,
    'types key 11, num: source 12.0, target 12.0000001',
  ],
  [
    'target',
    `update types set bin = '\\x00fe' where id = 12`,
    'types key 12, bin: source \\x00ff, target \\x00fe',
  ],
  [
    'target',
    `update types set arr = '{1,2.51}' where id = 13`,
    'types key 13, arr: source {1.0,2.50}, target {1,2.51}',
  ],
  [
    'target',
    `update types set j = '{"a": 2, "b": 2}' where id = 14`,
    'types key 14, j: source {"a": 1, "b": 2}, target {"a": 2, "b": 2}',
  ],
  ['target', `update types set m = 'sad' where id = 15`, 'types key 15, m: source happy, target sad'],
  [
    'target',
    `set session_replication_role = replica; update lines set order_id = 999999 where id = (select id from lines where sku = 'sku 2' order by price desc limit 1); reset session_replication_role`,
    'lines key ["200","2"], order_id: source <order 200>, target 999999',
  ],
  [
    'source',
    `update customers set name = 'other', changed = now() where id = 20`,
    'customers key 20, name: source OTHER, target NAME 20',
  ],
  ['source', `delete from orders where id = 299`, 'orders key 299: in the target, gone from the source'],
  ['source', `insert into tags values ('new', 'one')`, 'tags key new: missing in the target'],
];

test('each planted defect is named with row and column, and none is invented', async () => {
  for (const [side, sql] of DEFECTS) await project[side](sql);
  await project.target(`select setval('customers_id_seq', 5)`);
  const result = await project.verify();
  const ids = await project.target(
    `select 'c' || legacy_id as k, id::text from customers union all select 'o' || legacy_id, id::text from orders`,
  );
  const id = (key: string): string => String(ids.find(({ k }) => k === key)?.['id']);
  const expected = DEFECTS.map(([, , said]) =>
    said.replace('<80>', id('c80')).replace('<3>', id('c3')).replace('<order 200>', id('o200')),
  );
  const broken = named(result).filter((line) => line.includes(' refers to '));
  expect(broken).toEqual([
    expect.stringMatching(/^lines key \d+, order_id: refers to 999999, which is not there$/),
  ]);
  expect(
    named(result)
      .filter((line) => !broken.includes(line))
      .sort(),
  ).toEqual([...expected, 'customers key -1: in the target before the project'].sort());
  expect(failed(result)).toEqual(
    expect.arrayContaining([
      'customers sequence id',
      'lines foreign key lines_order_id_fkey',
      'orders sum total',
      'tags row_count',
    ]),
  );
  expect(result.exitCode).toBe(5);
  const causes = result.mappings.flatMap(({ checks }) =>
    checks.flatMap(({ differences = [] }) => differences),
  );
  expect(causes.find(({ key, column }) => key === '20' && column === 'name')?.cause).toBe('source');
  expect(causes.find(({ key, column }) => key === '5' && column === 'name')?.cause).toBe('target');
  const orders = result.mappings.find(({ mapping }) => mapping === 'orders');
  expect(orders?.since?.words.join()).toMatch(
    /the source had 300 rows when run .* read it, and has 299 rows now/,
  );
  expect(orders?.checks.find(({ check }) => check === 'sum total')).toMatchObject({
    rejected: '0',
    skipped: '0',
  });
  expect(verifyText(result)).toContain('orders');
  expect(JSON.stringify(verifySummary(result))).not.toContain('mail6@');
});

test('differences are counted in full, and named up to the limit', async () => {
  await project.target(`update types set txt = txt || '!' where id > 5`);
  const result = await project.verify({ select: ['types'], most: 3 });
  const content = result.mappings[0]?.checks.find(({ check }) => check === 'content');
  expect(content?.found).toBe(25);
  expect(content?.differences?.filter(({ column }) => column === 'txt')).toHaveLength(3);
});

test('keys of several columns beside others, stand-ins for references, and rows whose key another table has', async () => {
  const own = await createProject({
    source: `create table role (id int primary key, name text);
      insert into role values (1, 'admin'), (2, 'nurse');
      create table member (who int, role int, note text, primary key (who, role));
      insert into member values (1, 1, 'chief'), (1, 2, 'too');
      create table use (id int primary key, who int, role int);
      insert into use values (1, 1, 1), (2, 9, 9);`,
    target: `create table roles (id uuid primary key, name text);
      create table members (who int, role uuid references roles, note text, primary key (who, role));
      create table uses (id int primary key, note text);
      create table places (id bigint generated by default as identity (start 50) primary key, name text);
      create table doors (id int primary key, name text);`,
    mappings: {
      roles: `
source: { table: role, key: id }
target: { table: roles, identity: { column: id, strategy: uuid5 } }
columns: { '*': same_name }
`,
      members: `
source: { table: member, key: [who, role] }
target: { table: members, key: [who, role] }
columns: { role: { from: role, references: roles }, '*': same_name }
`,
      uses: `
source: { table: use, key: id }
target: { table: uses, key: id }
columns:
  id: id
  note: { from: [who, role], references: { mapping: members, yields: note }, missing: null, default: nobody }
`,
      places: `
source: { table: role, key: id, ignore: { columns: '*' } }
target: { table: places, identity: { column: id, strategy: preserve } }
columns: { name: name }
`,
      // Its kept pairs have the text of the ids that places lacks.
      doors: `
source: { query: 'select id + 70 as id, name from role', key: id }
target: { table: doors, identity: { column: id, strategy: preserve } }
columns: { name: name }
`,
    },
  });
  try {
    expect((await own.run()).exitCode).toBe(0);
    expect(await own.target('select note from uses order by id')).toEqual([
      { note: 'chief' },
      { note: 'nobody' },
    ]);
    const clean = await own.verify();
    expect(failed(clean)).toEqual([]);
    expect(clean.exitCode).toBe(0);
    await own.target("insert into places values (71, 'planted')");
    const dirty = await own.verify();
    expect(failed(dirty)).toContain('places content');
    await own.target("update uses set note = 'someone' where id = 2");
    expect(failed(await own.verify())).toContain('uses references note');
  } finally {
    await own.drop();
  }
});
