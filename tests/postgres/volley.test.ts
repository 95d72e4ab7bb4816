import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EtlError } from '../../engine/contract/errors.js';
import type { QueryRows } from '../../engine/contract/session.js';
import { PgSession } from '../../engine/postgres/connect.js';
import { AT } from '../support/compiled.js';
import { createDatabases, query, type Databases } from '../support/database.js';

let databases: Databases;
let session: PgSession;

const open = (): Promise<PgSession> => {
  const url = databases.targetAdmin;
  const at = AT;
  return PgSession.open({ name: 'target', url, ssl: null, ca: null, searchPath: [], origin: '', at }, 'test');
};

beforeAll(async () => {
  databases = await createDatabases({ target: 'create table t (a int primary key);' });
  session = await open();
});
afterAll(async () => {
  await session.close();
  await databases.drop();
});

const show = (answer: QueryRows | EtlError): string =>
  answer instanceof EtlError ? answer.message : answer.rows.map((row) => row.join(' ')).join(', ');

describe('queries of a session, all at once', () => {
  it('answers each in its order, and a refused one touches no other', async () => {
    const answers = await session.queries([
      'insert into t values (1), (2)',
      'insert into t values (3), (1)',
      'select a, null from t order by a',
      'select nothing',
      'syntax',
      '',
      "select 'last'",
    ]);
    expect(answers.map(show)).toEqual([
      '',
      '"target": duplicate key value violates unique constraint "t_pkey" (Key (a)=(1) already exists.) [23505]',
      '1 , 2 ',
      '"target": column "nothing" does not exist [42703]',
      '"target": syntax error at or near "syntax" [42601]',
      '',
      'last',
    ]);
    expect(answers[0]).toMatchObject({ count: 2, rows: [] });
    expect(answers[2]).toMatchObject({ columns: [{ name: 'a', oid: 23, modifier: -1 }, {}], count: 2 });
    expect(answers[3]).toMatchObject({ cause: { code: '42703', position: '8' } });
  });

  it('gives what query gives, values as PostgreSQL writes them', async () => {
    const sql = `select 0.10::numeric(5,2) n, 'é'::varchar(7) v, now() - now() i, '{1,null}'::int[] a, true b`;
    expect(await session.queries([sql])).toEqual([await session.query(sql)]);
  });

  it('the last one refused leaves the session as it should be', async () => {
    expect((await session.queries(['select 1', 'select 1/0'])).map(show)[1]).toContain('[22012]');
    expect((await session.query('select 5')).rows).toEqual([['5']]);
    expect(await session.queries([])).toEqual([]);
  });

  it('holds many, and answers larger than any buffer', async () => {
    const answers = await session.queries(
      Array.from({ length: 500 }, (_, n) => `select ${String(n)}, repeat('x', ${String(n * 20)})`),
    );
    const wrong = answers.filter((answer, n) => show(answer) !== `${String(n)} ${'x'.repeat(n * 20)}`);
    expect(answers).toHaveLength(500);
    expect(wrong).toEqual([]);
  });

  it('whatever is asked meanwhile waits until they are answered', async () => {
    const copied = async (): Promise<string> => {
      const chunks: Buffer[] = [];
      for await (const chunk of session.copyOut("select 'copied'")) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };
    const several = (from: number): Promise<readonly string[]> =>
      session
        .queries([from, from + 1, from + 2].map((n) => `select ${n === 21 ? '1/0' : String(n)}`))
        .then((answers) => answers.map(show));
    const answers = await Promise.all([
      session.query('select 1').then(show),
      several(10),
      session.query('select 2', []).then(show),
      several(20),
      copied(),
      session.script('begin; commit', []).then((tags) => tags.map(({ command }) => command).join(' ')),
      several(30),
      session.query('select 3').then(show),
    ]);
    expect(answers).toEqual([
      '1',
      ['10', '11', '12'],
      '2',
      ['20', '"target": division by zero [22012]', '22'],
      'copied\n',
      'BEGIN COMMIT',
      ['30', '31', '32'],
      '3',
    ]);
  });

  it('a connection that is lost among them fails the rest, as worth another try', async () => {
    const doomed = await open();
    try {
      const asked = doomed.queries(['select 1', 'select pg_sleep(60)', 'select 2', 'select 3']);
      const kill = `select pg_terminate_backend(pid) killed from pg_stat_activity
        where pid = ${String(doomed.pid)} and query like '%pg_sleep(60)'`;
      while ((await query(databases.targetAdmin, kill)).length === 0) continue;
      const [first, ...rest] = await asked;
      expect(first).toMatchObject({ rows: [['1']] });
      expect(rest).toHaveLength(3);
      for (const answer of rest) expect(answer).toMatchObject({ exitCode: 3 });
      await expect(doomed.query('select 4')).rejects.toMatchObject({ exitCode: 3 });
    } finally {
      await doomed.close();
    }
  });
});
