import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startEmbedded, type EmbeddedServer } from '../../engine/embedded/index.js';
import { createDatabase, OWNERS, withClient } from '../../engine/embedded/roles.js';
import { runSql } from '../../engine/embedded/sql-file.js';
import type { RunResult } from '../../engine/contract/result.js';
import { createProject, type RunOptions, type TestProject } from '../support/project.js';
import { query } from '../support/database.js';
import { openProxy } from '../support/proxy.js';
import { CONTENT, EMPTY, HERD } from './herd.js';

const PATIENCE = { tries: 30, first: 100, most: 1000, total: 60_000, resumable: true };

let project: TestProject;
let folder: string;
let server: EmbeddedServer;
let wanted: unknown;

beforeAll(async () => {
  project = await createProject(HERD);
  await project.run({ jobs: 1 });
  wanted = await project.target(CONTENT);
  folder = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-restart-'));
  await chmod(folder, 0o755);
  server = await startEmbedded({ folder, durable: false });
}, 120_000);
afterAll(async () => {
  await server.stop();
  await project.drop();
  await rm(folder, { recursive: true, force: true });
});

const admin = (): string => server.url('target', 'admin');

/** An empty target of the herd on the server of this file. */
async function freshTarget(): Promise<void> {
  await query(server.url('postgres', 'admin'), 'drop database if exists target with (force)');
  await withClient(server.url('postgres', 'admin'), (client) => createDatabase(client, 'target', 'target'));
  await withClient(admin(), (client) =>
    runSql(client, Buffer.from(HERD.target ?? ''), { name: 'the herd', owner: OWNERS.target }),
  );
}

const run = (target: string, onEvent: RunOptions['onEvent']): Promise<RunResult> =>
  project.run({
    jobs: 1,
    patience: PATIENCE,
    urls: { target },
    ...(onEvent === undefined ? {} : { onEvent }),
  });

/** The server's data directory, wherever the embedded server keeps it. */
async function dataDirectory(): Promise<string> {
  const [row] = await query(
    server.url('postgres', 'admin'),
    "select setting from pg_settings where name = 'data_directory'",
  );
  return String(row?.['setting']);
}

/** Has the server go down without a word, without a checkpoint, and come again; it recovers then. */
async function restart(proxy: Awaited<ReturnType<typeof openProxy>>): Promise<void> {
  const [pid] = readFileSync(path.join(await dataDirectory(), 'postmaster.pid'), 'utf8').split('\n');
  process.kill(Number(pid), 'SIGQUIT');
  await server.stop();
  server = await startEmbedded({ folder, durable: false });
  proxy.port = server.port;
}

it('the target restarts at once, without a word, in the midst of a run: it goes on', async () => {
  await freshTarget();
  const proxy = await openProxy(server.url('target'));
  onTestFinished(() => proxy.close());
  let batches = 0;
  let restarted = Promise.resolve();
  const result = await run(proxy.through(server.url('target')), (event) => {
    if (event.type === 'batch' && ++batches === 70) restarted = restart(proxy);
  });
  await restarted;
  expect([result.exitCode, result.mappings.map(({ reason }) => reason)]).toEqual([0, [null, null, null]]);
  expect(await query(admin(), CONTENT)).toEqual(wanted);
  expect(result.mappings.reduce((sum, { retries }) => sum + retries, 0)).toBeGreaterThan(0);
}, 120_000);

it('the source restarts in the midst of a run: exit 3, the snapshot is gone and resume is named; that comes to the same', async () => {
  await query(server.url('postgres', 'admin'), 'drop database if exists source with (force)');
  await withClient(server.url('postgres', 'admin'), (client) => createDatabase(client, 'source', 'source'));
  await withClient(server.url('source', 'admin'), (client) =>
    runSql(client, Buffer.from(HERD.source ?? ''), { name: 'the herd', owner: OWNERS.source }),
  );
  await project.target(EMPTY);
  const proxy = await openProxy(server.url('source'));
  onTestFinished(() => proxy.close());
  let batches = 0;
  let restarted = Promise.resolve();
  const told: string[] = [];
  const cut = await project.run({
    ...{ jobs: 1, patience: PATIENCE, urls: { source: proxy.through(server.url('source')) } },
    onEvent: (event) => {
      if (event.type === 'notice' && event.level === 'error') told.push(event.message);
      if (event.type === 'batch' && ++batches === 20) restarted = restart(proxy);
    },
  });
  await restarted;
  expect(cut.exitCode).toBe(3);
  expect(told.join(' ')).toMatch(
    /snapshot .* is gone.* = help: .*the source was restarted.*etl resume goes on with a new one/s,
  );
  const loaded = await project.target(
    'select count(*)::int n from (select 1 from owner union all select 1 from node) t',
  );
  expect(loaded).not.toEqual([{ n: 0 }]);
  const resumed = await project.run({ jobs: 1, resume: cut.run, urls: { source: server.url('source') } });
  expect([resumed.exitCode, await project.target(CONTENT)]).toEqual([0, wanted]);
}, 120_000);

/** A file system of 3 MB that belongs to the server; null where none can be mounted. */
async function smallDisk(): Promise<string | null> {
  const disk = path.join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return null;
  }
  execFileSync('chown', ['--reference', await dataDirectory(), disk]);
  return disk;
}

it('the target’s disk is full: exit 3 with the word for it; when there is room, the next run completes', async (test) => {
  await freshTarget();
  const disk = await smallDisk();
  if (disk === null) {
    test.skip('no file system can be mounted here: that takes root and its rights');
    return;
  }
  onTestFinished(async () => {
    await query(server.url('postgres', 'admin'), 'drop database if exists target with (force)');
    await query(server.url('postgres', 'admin'), 'drop tablespace if exists small');
    execFileSync('umount', [disk]);
  });
  await query(server.url('postgres', 'admin'), `create tablespace small location '${disk}'`);
  await query(
    admin(),
    `alter table pet set tablespace small; alter table owner set tablespace small; alter index owner_pkey set tablespace small`,
  );
  // A few pages are left: less than the rows take.
  const { bavail, bsize } = await statfs(disk);
  const filler = path.join(disk, 'filler');
  await writeFile(filler, Buffer.alloc((bavail - 6) * bsize));
  const url = server.url('target');
  const quick = { ...PATIENCE, tries: 2 };
  const full = await project.run({ jobs: 1, patience: quick, urls: { target: url } });
  expect([full.exitCode, JSON.stringify(full)]).toEqual([3, expect.stringMatching(/53100.*tried 3 times/)]);
  await rm(filler);
  const again = await project.run({ jobs: 1, urls: { target: url } });
  expect(again.exitCode).toBe(0);
  expect(await query(admin(), CONTENT)).toEqual(wanted);
}, 120_000);
