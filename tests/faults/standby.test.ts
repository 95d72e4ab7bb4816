import { once } from 'node:events';
import { chmod, chown, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { serverAccount } from '../../engine/embedded/account.js';
import { locateBinaries } from '../../engine/embedded/binaries.js';
import { initialise } from '../../engine/embedded/cluster.js';
import { ENVIRONMENT } from '../../engine/embedded/program.js';
import { query } from '../support/database.js';
import { accountingFaults, countsOf, mappingOf, withProject } from '../support/project.js';
import { openProxy } from '../support/proxy.js';
import { freePort } from '../support/port.js';

const PASSWORD = 'standby';

/** Waits until a query answers true. */
async function until(url: string, sql: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const [row] = await query(url, `select (${sql}) there`).catch(() => []);
    if (row?.['there'] === true) return;
    await wait(50);
  }
  throw new Error(`never: ${sql}`);
}

/** A primary and a hot standby of it that lets queries hold up its recovery for a moment only; they end with the test. */
async function pair(): Promise<{ readonly primary: string; readonly standby: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-standby-'));
  const servers: ChildProcess[] = [];
  onTestFinished(async () => {
    for (const server of servers) {
      server.kill('SIGQUIT');
      if (server.exitCode === null) await once(server, 'close');
    }
    await rm(folder, { recursive: true, force: true });
  });
  const account = await serverAccount(null);
  const binaries = await locateBinaries(account);
  await chmod(folder, 0o755);
  if (account !== null) await chown(folder, account.uid, account.gid);
  await initialise(folder, { binaries, account, password: PASSWORD, durable: false });
  const data = path.join(folder, 'data');
  const copy = path.join(folder, 'copy');
  await cp(data, copy, { recursive: true });
  await writeFile(path.join(copy, 'standby.signal'), '');
  if (account !== null) {
    const owned = spawn('chown', ['-R', `${String(account.uid)}:${String(account.gid)}`, copy]);
    await once(owned, 'close');
  }
  await chmod(copy, 0o700);
  const start = async (place: string, settings: readonly string[]): Promise<string> => {
    const port = String(await freePort());
    const given = [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'fsync=off',
      'autovacuum=off',
      ...settings,
    ];
    const args = ['-D', place, '-p', port, ...given.flatMap((one) => ['-c', one])];
    servers.push(spawn(binaries.postgres, args, { ...account, cwd: '/', env: ENVIRONMENT, stdio: 'ignore' }));
    const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres?sslmode=disable`;
    await until(url, 'true');
    return url;
  };
  const primary = await start(data, []);
  const { port } = new URL(primary);
  const standby = await start(copy, [
    `primary_conninfo=host=127.0.0.1 port=${port} user=postgres password=${PASSWORD}`,
    'max_standby_streaming_delay=100ms',
  ]);
  return { primary, standby };
}

it(
  'a standby whose recovery ends the snapshot is named as such, and a resume completes',
  { timeout: 120_000 },
  () =>
    withProject(
      {
        target: 'create table item (id int primary key, t text)',
        mappings: {
          item: 'source: { table: item, key: id, where: "pg_sleep(0.001) is not null", partition: none }\ntarget: { table: item, key: id }\ncolumns: { id: id, t: t }',
        },
        settings: 'defaults: { batch_rows: 50 }',
      },
      async (project) => {
        const { primary, standby } = await pair();
        await query(
          primary,
          "create table item (id int primary key, t text); insert into item select i, repeat('x', 2000) from generate_series(1, 1500) i",
        );
        await until(standby, "to_regclass('item') is not null and (select count(*) from item) = 1500");
        const changes: Promise<unknown>[] = [];
        const notices: string[] = [];
        const cut = await project.run({
          urls: { source: standby },
          onEvent: (event) => {
            if (event.type === 'notice') notices.push(event.message);
            if (event.type !== 'batch' || changes.length > 0) return;
            changes.push(
              query(primary, 'delete from item where id % 2 = 0').then(() => query(primary, 'vacuum item')),
            );
          },
        });
        await Promise.all(changes);
        expect(cut.exitCode).toBe(3);
        expect(mappingOf(cut, 'item').reason).toMatch(/^the snapshot .* is gone/);
        expect(notices.join('\n')).toMatch(/conflict with recovery/);
        expect(notices.join('\n')).toMatch(/etl resume .*standby.*max_standby_streaming_delay/);
        expect(await accountingFaults(project, cut)).toEqual([]);
        const resumed = await project.run({ urls: { source: standby }, resume: cut.run });
        expect([resumed.exitCode, countsOf(resumed, 'item')]).toEqual([0, 'read 750, inserted 750']);
        expect(await project.target('select count(*)::int n from item')).toEqual([{ n: 750 }]);
        expect(await accountingFaults(project, resumed)).toEqual([]);
      },
    ),
);

it(
  'a target that fails over: refused at once, then as a standby, waited for until it is the primary',
  { timeout: 120_000 },
  () =>
    withProject(
      {
        source:
          "create table item (id int primary key, t text); insert into item select i, 'x' from generate_series(1, 2000) i",
        mappings: {
          item: 'source: { table: item, key: id, where: "id % 8 > 0 or pg_sleep(0.002) is not null", partition: none }\ntarget: { table: item, key: id }\ncolumns: { id: id, t: t }',
        },
        settings: 'defaults: { batch_rows: 50 }',
      },
      async (project) => {
        const { primary, standby } = await pair();
        await query(primary, 'create table item (id int primary key, t text)');
        await until(standby, "to_regclass('item') is not null");
        await expect(project.run({ urls: { target: standby } })).rejects.toThrow(/the target is a standby/);
        const proxy = await openProxy(primary);
        onTestFinished(() => proxy.close());
        const notices: string[] = [];
        let over: Promise<unknown> = Promise.resolve();
        const failOver = async (): Promise<void> => {
          proxy.port = await freePort();
          proxy.cut();
          await untilSaid(notices, /ECONNRE|no connection/);
          const [{ lsn } = { lsn: '0/0' }] = await query(primary, 'select pg_current_wal_lsn()::text lsn');
          await until(standby, `pg_last_wal_replay_lsn() >= '${String(lsn)}'`);
          proxy.port = Number(new URL(standby).port);
          await untilSaid(notices, /the target is a standby/);
          await query(standby, 'select pg_promote()');
        };
        let batches = 0;
        const result = await project.run({
          jobs: 1,
          urls: { target: proxy.through(primary) },
          patience: { tries: 3, first: 50, most: 300, total: 60_000, away: 100, resumable: true },
          onEvent: (event) => {
            if (event.type === 'notice') notices.push(event.message);
            if (event.type === 'batch' && ++batches === 5) over = failOver();
          },
        });
        await over;
        expect([result.exitCode, countsOf(result, 'item')], notices.join('\n')).toEqual([
          0,
          'read 2000, inserted 2000',
        ]);
        expect(await query(standby, 'select count(*)::int n from item')).toEqual([{ n: 2000 }]);
      },
    ),
);

/** Waits until a notice says something. */
async function untilSaid(notices: readonly string[], words: RegExp): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (notices.some((one) => words.test(one))) return;
    await wait(50);
  }
  throw new Error(`never said: ${String(words)}`);
}
