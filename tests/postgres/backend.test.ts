import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BACKEND_START, endBackend, type Backend } from '../../engine/postgres/backend.js';
import { PgSession } from '../../engine/postgres/connect.js';
import { AT } from '../support/compiled.js';
import { createDatabases, type Databases } from '../support/database.js';

let databases: Databases;
beforeAll(async () => {
  databases = await createDatabases({ target: 'create table item (id int primary key)' });
});
afterAll(() => databases.drop());

it('a process of another role, which may not be ended: waited for while it holds what it wrote, named with the cure', async () => {
  const url = databases.target;
  const session = await PgSession.open(
    { name: 'target', url, ssl: null, ca: null, searchPath: [], origin: '', at: AT },
    'test',
  );
  const other = new pg.Client({ connectionString: databases.targetAdmin });
  await other.connect();
  try {
    const { rows } = await other.query<Backend>(
      `select pid, ${BACKEND_START} "backendStart" from pg_stat_activity where pid = pg_backend_pid()`,
    );
    const backend = rows[0] ?? { pid: 0, backendStart: '' };
    // One that only reads holds nobody up, and stays.
    await other.query('begin; select from item');
    await endBackend(session, backend, 0);
    await other.query('insert into item values (1)');
    await expect(endBackend(session, backend, 300)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining(
        `process ${String(backend.pid)} of the target's server still holds`,
      ) as unknown,
      help: expect.stringContaining(`pg_terminate_backend(${String(backend.pid)})`) as unknown,
    });
    const ended = endBackend(session, backend);
    await other.query('rollback');
    await ended;
    // The role's own, and those of another that it is a member of, are ended.
    const own = new pg.Client({ connectionString: databases.target });
    own.on('error', () => undefined);
    await own.connect();
    const mine = await own.query<Backend>(
      `begin; insert into item values (2); select pid, ${BACKEND_START} "backendStart" from pg_stat_activity where pid = pg_backend_pid()`,
    );
    const [last] = [mine].flat().slice(-1);
    await endBackend(session, last?.rows[0] ?? backend);
    await expect(own.query('commit')).rejects.toThrow();
  } finally {
    await other.end();
    await session.close();
  }
});
