import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildDatabases, type EmbeddedServer, startEmbedded } from '../../engine/embedded/index.js';
import { query } from '../support/database.js';
import { temporaryFolder } from './harness.js';

const shared = fileURLToPath(new URL('../../../shared/data', import.meta.url));
let folder: string;
let server: EmbeddedServer;

beforeAll(async () => {
  folder = temporaryFolder();
  server = await startEmbedded({ folder: path.join(folder, 'e'), durable: false });
});
afterEach(async () => {
  for (const name of ['source', 'target']) {
    await query(server.url('postgres'), `drop database if exists ${name} with (force)`);
  }
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Writes an SQL file; gives its path. */
function sqlFile(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function databaseNames(): Promise<readonly unknown[]> {
  const rows = await query(server.url('postgres'), 'select datname from pg_database where not datistemplate');
  return rows.map(({ datname }) => datname);
}

/** Every table's rows, by table, through the role that the engine uses. */
async function rowCount(name: 'source' | 'target'): Promise<number> {
  const tables = await query(
    server.url(name),
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public'`,
  );
  let sum = 0;
  for (const table of tables) {
    const [row] = await query(server.url(name), `select count(*) from only ${String(table['name'])}`);
    sum += Number(row?.['count']);
  }
  return sum;
}

describe('the databases of --embedded', () => {
  test('are built once; a file that changed is said, not built', async () => {
    const source = [
      sqlFile('a.sql', 'create table a (b int);'),
      sqlFile('b.sql', 'insert into a values (1), (2);'),
    ];
    const target = [sqlFile('c.sql', 'create table c (d int);')];
    expect(await buildDatabases(server, { source, target })).toEqual({ built: true, stale: false });
    expect(await buildDatabases(server, { source, target })).toEqual({ built: false, stale: false });
    sqlFile('b.sql', 'insert into a values (3);');
    expect(await buildDatabases(server, { source, target })).toEqual({ built: false, stale: true });
    expect(await query(server.url('source'), 'select count(*)::int from a')).toEqual([{ count: 2 }]);
  });

  test('files read the settings; other ones are said, a wrong one is named', async () => {
    const make = (settings: Readonly<Record<string, string>>) =>
      buildDatabases(server, {
        source: [sqlFile('a.sql', `create table a as select current_setting('shop.seed') as seed;`)],
        target: [sqlFile('b.sql', `select 1 / (current_setting('shop.seed') = '7')::int`)],
        settings: new Map(Object.entries(settings)),
      });
    await expect(make({ seed: '7' })).rejects.toThrow(/the setting seed of the embedded databases cannot be/);
    expect(await make({ 'shop.seed': '7' })).toEqual({ built: true, stale: false });
    expect(await query(server.url('source'), 'select * from a')).toEqual([{ seed: '7' }]);
    expect(await make({ 'shop.seed': '8' })).toEqual({ built: false, stale: true });
  });

  test('a database that a killed command half built is built anew', async () => {
    await query(server.url('postgres'), 'create database source');
    const source = [sqlFile('a.sql', 'create table a (b int);')];
    expect(await buildDatabases(server, { source, target: [] })).toEqual({ built: true, stale: false });
    expect(await query(server.url('source'), 'select * from a')).toEqual([]);
  });

  const failing: readonly [what: string, sql: string, message: RegExp][] = [
    [
      'a statement',
      'create table a (b int);\n\ninsert into a\nvalues (1, 2);',
      /bad\.sql:4: INSERT has more expressions/,
    ],
    [
      'a constraint',
      'create table a (b int primary key);\ninsert into a values (1), (1);',
      /bad\.sql:2: duplicate key .*\(Key \(b\)=\(1\) already exists\.\)/,
    ],
    [
      'a row of COPY',
      'create table a (b int);\ncopy a from stdin;\n1\nx\n\\.\n',
      /bad\.sql:4: invalid input syntax for type integer: "x"/,
    ],
    ['an unfinished text', "\nselect 'a;", /bad\.sql:2: unterminated quoted string/],
    ['an included file', '\\i other.sql\n', /bad\.sql:1: \\i: the embedded server runs SQL/],
    ['a second database', '\\c one\nselect 1;\n\\c two\n', /bad\.sql:3: a second database/],
    ['another encoding', 'SET client_encoding = LATIN1;', /bad\.sql:1: the file is in LATIN1; only UTF8/],
  ];
  test.each(failing)(
    '%s that fails is named with file and line, and nothing is left',
    async (_what, sql, message) => {
      const source = [sqlFile('good.sql', 'select 1')];
      const build = buildDatabases(server, { source, target: [sqlFile('bad.sql', sql)] });
      await expect(build).rejects.toThrow(message);
      await expect(build).rejects.toMatchObject({
        exitCode: 2,
        help: expect.stringContaining(' ') as string,
      });
      expect(await databaseNames()).toEqual(['postgres']);
    },
  );

  test('a file that is missing is named', async () => {
    const build = buildDatabases(server, { source: [path.join(folder, 'none.sql')], target: [] });
    await expect(build).rejects.toThrow(/none\.sql of the embedded databases cannot be read/);
    expect(await databaseNames()).toEqual(['postgres']);
  });

  test('a dump is loaded without its owners, grants and roles, by an owner who is no superuser', async () => {
    const dump = `\\restrict abc
      CREATE DATABASE shop;
      \\connect shop
      SET client_encoding = 'UTF8';
      CREATE ROLE seller;
      CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
      COMMENT ON EXTENSION pgcrypto IS 'functions';
      CREATE TABLE a (b int primary key, c int REFERENCES a);
      ALTER TABLE public.a OWNER TO "the boss";
      ALTER TABLE a DISABLE TRIGGER ALL;
      COPY a FROM stdin;\n1\t2\n2\t1\n\\.\n
      ALTER TABLE a ENABLE TRIGGER ALL;
      GRANT ALL ON TABLE a TO seller;
      \\unrestrict abc\n`;
    await buildDatabases(server, { source: [], target: [sqlFile('dump.sql', dump)] });
    const owner = `select tableowner, (select rolsuper from pg_roles where rolname = tableowner) as super
      from pg_tables where tablename = 'a'`;
    expect(await query(server.url('target'), owner)).toEqual([{ tableowner: 'etl_target', super: false }]);
    expect(await query(server.url('target'), 'select b, c from a order by b')).toEqual([
      { b: 1, c: 2 },
      { b: 2, c: 1 },
    ]);
  });
});

describe.runIf(existsSync(shared))('the public sample databases (../shared/data)', () => {
  const samples: readonly [name: string, rows: number, files: readonly string[]][] = [
    ['chinook, old', 15_607, ['chinook/old.sql']],
    ['chinook, new', 15_607, ['chinook/new.sql']],
    ['sakila', 46_273, ['sakila/schema.sql', 'sakila/data.sql']],
    ['northwind', 3_362, ['northwind/northwind.sql']],
  ];
  test.each(samples)('%s loads as published', async (_name, rows, files) => {
    const source = files.map((file) => path.join(shared, file));
    await buildDatabases(server, { source, target: source });
    expect(await rowCount('source')).toBe(rows);
    expect(await rowCount('target')).toBe(rows);
  });
});
