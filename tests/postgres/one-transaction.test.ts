import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../engine/contract/session.js';
import { PgSession } from '../../engine/postgres/connect.js';
import { OneTransaction } from '../../engine/postgres/one-transaction.js';
import { splitStatements } from '../../engine/postgres/statements.js';
import { createDatabases, query, type Databases } from '../support/database.js';

describe('statements', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' ; ;', []],
    ['select 1', ['select 1']],
    ['begin; select 1; commit;', ['begin', 'select 1', 'commit']],
    ["select 'a;''b;', \"c;d\"; e", ["select 'a;''b;', \"c;d\"", 'e']],
    ["select E'a\\';b'; x", ["select E'a\\';b'", 'x']],
    ["select name'x;y'; z", ["select name'x;y'", 'z']],
    ['do $$ a; $b$ ; $$; b', ['do $$ a; $b$ ; $$', 'b']],
    ['do $b$ $$; $b$; c', ['do $b$ $$; $b$', 'c']],
    ['a -- b; c\n; d /* e; */; f', ['a -- b; c', 'd /* e; */', 'f']],
    ['select $1; select a$b$; c', ['select $1', 'select a$b$', 'c']],
  ])('%j', (sql, parts) => {
    expect(splitStatements(sql)).toEqual(parts);
  });
});

let databases: Databases;
let all: OneTransaction;
let one: Session;
let other: Session;

const connect = (): Promise<PgSession> =>
  PgSession.open(
    {
      name: 'target', url: databases.target, ssl: 'disable', ca: null, searchPath: [], origin: '',
      at: { file: '', line: 1, column: 1, length: 1 },
    }, 'test',
  ); // prettier-ignore

beforeAll(async () => {
  databases = await createDatabases({ target: `create table t (id int primary key, v text)` });
});
afterAll(() => databases.drop());
beforeEach(async () => {
  all = await OneTransaction.begin(await connect());
  one = all.open();
  other = all.open();
});
afterEach(() => all.end());

const ids = async (session: Session): Promise<string> =>
  (await session.query(`select coalesce(string_agg(id::text, ',' order by id), '') from t`)).rows[0]?.[0] ??
  '';

describe('sessions inside of one transaction', () => {
  it('see what the others have committed; the target sees nothing', async () => {
    await one.script('begin; copy t from stdin; commit', [Buffer.from('1\ta\n2\t\\N\n')]);
    expect(await ids(other)).toBe('1,2');
    expect(await query(databases.targetAdmin, 'select from t')).toEqual([]);
    await all.end();
    expect(await query(databases.targetAdmin, 'select from t')).toEqual([]);
  });

  it('lose what failed, and only that', async () => {
    await one.query(`insert into t values (1, 'a')`);
    await expect(one.query(`insert into t values (2, 'b'); insert into t values (1, 'c')`)).rejects.toThrow(
      '23505',
    );
    await expect(
      one.script('begin; copy t from stdin; commit', [Buffer.from('3\tx\n1\ty\n')]),
    ).rejects.toThrow('23505');
    await one.query('rollback');
    await expect(other.query('select $1::int', ['x'])).rejects.toThrow('22P02');
    expect(await ids(other)).toBe('1');
    await one.query('begin; delete from t');
    await one.query('rollback');
    expect(await ids(one)).toBe('1');
  });

  it('wait while a transaction of another is open', async () => {
    await one.query(`begin; insert into t values (1, 'a')`);
    let seen: string | null = null;
    const asked = ids(other).then((found) => (seen = found));
    await one.query(`insert into t values ($1, 'b')`, [2]);
    expect(seen).toBeNull();
    await one.query('commit');
    await asked;
    expect(seen).toBe('1,2');
  });

  it('end what they have left open, and their temporary tables, when they close', async () => {
    await one.query('create temp table x (a int) on commit delete rows');
    await one.script('begin; copy pg_temp.x from stdin; commit', [Buffer.from('1\n')]);
    expect((await one.query('select count(*) from x')).rows).toEqual([['0']]);
    await one.query('begin; create temp table y (a int) on commit drop; commit');
    await one.query('create temp table y (b int)');
    await one.query(`begin; insert into t values (1, 'a')`);
    await one.close();
    expect(await ids(other)).toBe('');
    await other.query('create temp table x (b text)');
  });

  it('give back at a commit what they have set for its length', async () => {
    const shown = async (): Promise<unknown> =>
      (
        await other.query(
          "select current_setting('search_path'), current_setting('timezone'), current_setting('my.own', true)",
        )
      ).rows[0];
    const before = await shown();
    await one.query('begin; set local search_path = pg_catalog; set local search_path to pg_temp');
    await one.query("set local time zone 'Asia/Tokyo'; set local my.own = 'x'; commit");
    const [, , own] = (await shown()) as (string | null)[];
    expect([await shown(), own]).toEqual([[...(before as unknown[]).slice(0, 2), ''], '']);
    await one.query('begin; set local search_path = pg_catalog; rollback');
    await one.query('set local search_path = pg_catalog; select 1');
    expect(await ids(other)).toBe('');
  });

  it('read as COPY does, whatever is written meanwhile', async () => {
    const values = `select i, case when i % 10 = 0 then null else chr(i % 127 + 1) || repeat(E'\\\\x\\t\\r\\né😀', i % 7) end
      from generate_series(1, 2500) i`;
    await one.query(`insert into t ${values}`);
    const chunks: Buffer[] = [];
    for await (const chunk of one.copyOut('select * from t order by id')) {
      chunks.push(chunk);
      expect(chunk.at(-1)).toBe(0x0a);
      await other.query('delete from t');
    }
    const plain = await connect();
    const wanted: Buffer[] = [];
    for await (const chunk of plain.copyOut(`select * from (${values}) x order by 1`))
      wanted.push(Buffer.from(chunk));
    await plain.close();
    expect(Buffer.concat(chunks).equals(Buffer.concat(wanted))).toBe(true);
  });

  it('gives each statement of a message its own answer', async () => {
    const tags = await one.script(`begin; insert into t values (1, 'a'), (2, 'b'); select 7; commit`, []);
    expect(tags.map(({ count, rows }) => [count, rows])).toEqual([[0, []], [2, []], [1, [['7']]], [0, []]]); // prettier-ignore
    const answers = await one.queries(['select 1', 'select x', 'select 2']);
    expect(answers.map((a) => ('rows' in a ? a.rows : a.message))).toEqual([[['1']], expect.stringContaining('42703'), [['2']]]); // prettier-ignore
  });
});
