import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { PgSession } from '../../engine/postgres/connect.js';
import { createDatabases, query, type Databases } from '../support/database.js';

let databases: Databases;
const sessions: PgSession[] = [];

beforeAll(async () => {
  databases = await createDatabases();
});

afterAll(async () => {
  for (const session of sessions) await session.close();
  await databases.drop();
});

async function open(): Promise<PgSession> {
  const at = { file: 'test', line: 1, column: 1, length: 1 };
  const connection = {
    name: 'source',
    url: databases.sourceAdmin,
    ssl: null,
    ca: null,
    searchPath: [],
    origin: '',
    at,
  };
  const session = await PgSession.open(connection, 'test');
  sessions.push(session);
  return session;
}

async function readAll(session: PgSession, sql: string): Promise<readonly string[]> {
  const chunks: string[] = [];
  for await (const chunk of session.copyOut(sql)) chunks.push(chunk.toString());
  return chunks;
}

describe('copyOut', () => {
  test.each([
    ['no row', 'select 1 where false', ''],
    ['a row without columns', 'select from generate_series(1, 2)', '\n\n'],
    ['one row', "select 1, null, E'a\\tb\\\\'", '1\t\\N\ta\\tb\\\\\n'],
  ])('%s', async (_name, sql, expected) => {
    const session = await open();
    expect((await readAll(session, sql)).join('')).toBe(expected);
    expect((await session.query('select 1')).rows).toEqual([['1']]);
  });

  it('gives chunks of whole rows, whatever their length', async () => {
    const session = await open();
    // From a few bytes to 3 MB, so that rows end everywhere in what the socket gives.
    const sql = 'select n, repeat(chr(96 + n % 26), (n * n * 37) % 3000000) from generate_series(1, 120) n';
    const chunks = await readAll(session, sql);
    expect(chunks.every((chunk) => chunk.endsWith('\n'))).toBe(true);
    const lines = chunks.join('').split('\n').slice(0, -1);
    const expected = Array.from({ length: 120 }, (_, i) => {
      const n = i + 1;
      return `${String(n)}\t${String.fromCharCode(96 + (n % 26)).repeat((n * n * 37) % 3_000_000)}`;
    });
    expect(lines).toEqual(expected);
  });

  it('waits for a slow reader without holding all of it in memory', async () => {
    const session = await open();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    let count = 0;
    for await (const chunk of session.copyOut("select repeat('x', 10000) from generate_series(1, 20000)")) {
      count += chunk.length;
      if (count < 20_000_000) await new Promise((resolve) => setTimeout(resolve, 1));
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(count).toBe(20_000 * 10_001);
    expect(most).toBeLessThan(100_000_000);
  });

  it('notices between rows go to pg', async () => {
    const session = await open();
    await session.query(
      `create function pg_temp.say(n int) returns int language plpgsql as
       $$ begin raise notice 'row %', n; return n; end $$`,
    );
    const chunks = await readAll(session, 'select pg_temp.say(n) from generate_series(1, 500) n');
    expect(chunks.join('').trim().split('\n')).toEqual(Array.from({ length: 500 }, (_, n) => String(n + 1)));
  });

  test.each([
    ['before the first row', 'select 1 / 0', '22012'],
    ['among the rows', 'select 1 / (5000 - n) from generate_series(1, 9000) n', '22012'],
    ['a table that is not there', 'select * from nowhere', '42P01'],
  ])('an error %s reaches the reader, and the session lives', async (_name, sql, state) => {
    const session = await open();
    await expect(readAll(session, sql)).rejects.toMatchObject({ cause: { code: state } });
    expect((await session.query('select 2')).rows).toEqual([['2']]);
  });

  it('a terminated backend is an error, not a hang', async () => {
    const session = await open();
    const sql = "select n, repeat('x', 1000) from generate_series(1, 1000000) n";
    const reading = (async () => {
      let chunks = 0;
      for await (const _ of session.copyOut(sql)) {
        if (++chunks === 3)
          await query(databases.sourceAdmin, `select pg_terminate_backend(${String(session.pid)})`);
      }
    })();
    await expect(reading).rejects.toMatchObject({ exitCode: 3 });
  });

  it('whoever stops in the middle closes at once', async () => {
    const session = await open();
    for await (const chunk of session.copyOut("select repeat('x', 1000) from generate_series(1, 5000000)")) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await session.close();
    // The backend needs a moment to notice; five million rows it would send for much longer.
    const active = `select count(*)::int n from pg_stat_activity where pid = ${String(session.pid)}`;
    await expect.poll(() => query(databases.sourceAdmin, active), { timeout: 20_000 }).toEqual([{ n: 0 }]);
  });
});
