import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabases, type Databases, query } from '../support/database.js';

let databases: Databases;
beforeAll(async () => {
  databases = await createDatabases({
    source: `create table person (id int primary key, name text);
      copy person from stdin;\n1\tAda\n2\tZoë\n\\.\ncreate schema other; create table other.thing (id serial);`,
    target: 'create table person (id bigint generated always as identity, name text)',
  });
});
afterAll(() => databases.drop());

describe('the databases that tests work on', () => {
  const refused = [
    ['insert into person values (3, null)', /read-only transaction/],
    ['begin read write; insert into person values (3, null)', /permission denied for table person/],
    ['begin read write; create table other.more (id int)', /permission denied for schema other/],
    ['begin read write; create temp table more (id int)', /permission denied to create temporary tables/],
    ["begin read write; select nextval('other.thing_id_seq')", /permission denied for sequence/],
  ] as const;
  test.each(refused)('the source role may not: %s', async (sql, message) => {
    await expect(query(databases.source, sql)).rejects.toThrow(message);
  });

  test('the source role reads every schema, and tables that are made later', async () => {
    await query(databases.sourceAdmin, 'create table later (a int); insert into later values (7)');
    const rows = await query(databases.source, 'select (select a from later), name from person order by id');
    expect(rows).toEqual([
      { a: 7, name: 'Ada' },
      { a: 7, name: 'Zoë' },
    ]);
    expect(await query(databases.source, 'select last_value from other.thing_id_seq')).toHaveLength(1);
  });

  test('the target role owns its database and is no superuser', async () => {
    await query(databases.target, 'create schema etl; alter table person add column age int');
    const [row] = await query(databases.target, 'select rolsuper from pg_roles where rolname = current_user');
    expect(row).toEqual({ rolsuper: false });
  });

  test('neither role enters the other database', async () => {
    const swapped = (from: string, to: string): string =>
      Object.assign(new URL(from), { pathname: new URL(to).pathname }).href;
    await expect(query(swapped(databases.source, databases.target), 'select 1')).rejects.toThrow(
      /permission denied/,
    );
    await expect(query(swapped(databases.target, databases.source), 'select 1')).rejects.toThrow(
      /permission denied/,
    );
  });
});
