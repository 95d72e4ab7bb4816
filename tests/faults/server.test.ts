import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { RunEvent } from '../../engine/contract/events.js';
import type { RunResult } from '../../engine/contract/result.js';
import type { Patience } from '../../engine/run/sessions/retries.js';
import { accountingFaults, createProject, type RunOptions, type TestProject } from '../support/project.js';
import { EMPTY, HERD, leftBy } from './herd.js';

const QUICK: Patience = { tries: 5, first: 50, most: 200, total: 60_000, resumable: true };
const LIMITS = { connect: 5000, stall: 5000, probe: 5000, lock: 700 };

let project: TestProject;
let wanted: readonly unknown[];

beforeAll(async () => {
  project = await createProject(HERD);
  const result = await project.run({ jobs: 1 });
  if (result.exitCode !== 0) throw new Error(JSON.stringify(result));
  wanted = await leftBy(project);
}, 120_000);
afterAll(() => project.drop());
beforeEach(async () => {
  await project.target(EMPTY);
});

const run = (onEvent: RunOptions['onEvent'] = () => undefined): Promise<RunResult> =>
  project.run({ jobs: 1, patience: QUICK, limits: LIMITS, onEvent });

/** Calls `work` once, at the n-th batch. */
const atBatch = (n: number, work: () => unknown): ((event: RunEvent) => void) => {
  let batches = 0;
  return (event) => {
    if (event.type === 'batch' && ++batches === n) void work();
  };
};

async function expectUndisturbed(result: RunResult): Promise<void> {
  expect([result.exitCode, result.mappings.map(({ reason }) => reason)]).toEqual([0, [null, null, null]]);
  expect(await leftBy(project)).toEqual(wanted);
  expect(await accountingFaults(project, result)).toEqual([]);
}

async function expectNextCompletes(): Promise<void> {
  const result = await project.run({ jobs: 1 });
  expect(result.exitCode).toBe(0);
  expect(await leftBy(project)).toEqual(wanted);
}

/** Ends the backends that a condition on pg_stat_activity finds, in the database that is connected to. */
const terminate = (condition: string): string =>
  `select pg_terminate_backend(pid) ended from pg_stat_activity where datname = current_database()
   and pid <> pg_backend_pid() and application_name like 'crosswalk%' and ${condition}`;

/** A session of somebody else, as the target's owner; closed with the test. */
async function somebody(): Promise<pg.Client> {
  const client = new pg.Client(project.databases.target);
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  return client;
}

describe('a backend that is terminated', () => {
  it.for([
    ['that loads', "query like '%checkpoint%'"],
    ['that holds the project’s lock', "pid in (select pid from pg_locks where locktype = 'advisory')"],
    ['of all on the target', 'true'],
  ] as const)('%s: the run goes on', async ([, condition]) => {
    const ended: Promise<readonly unknown[]>[] = [];
    let batches = 0;
    const result = await run((event) => {
      if (event.type === 'batch' && ++batches % 60 === 0) ended.push(project.target(terminate(condition)));
    });
    expect((await Promise.all(ended)).flat().length).toBeGreaterThan(0);
    await expectUndisturbed(result);
    const [held] = await project.target(
      "select count(*)::int n from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    );
    expect(held).toEqual({ n: 0 });
  });

  it('in the midst of a slow read: reading goes on behind the last row', async () => {
    const text = String(HERD.mappings['owner']).replace(
      'table: owner,',
      'table: owner, where: pg_sleep(0.001) is not null,',
    );
    await project.write(
      'owner',
      text.replace('name: name', `name: { sql: "name || repeat('', 1) || left(repeat('.', 3000), 0)" }`),
    );
    onTestFinished(() => project.write('owner', String(HERD.mappings['owner'])));
    let ended: readonly unknown[] = [];
    let under = Promise.resolve();
    const result = await run((event) => {
      if (event.type !== 'mapping_started' || event.mapping !== 'owner') return;
      under = wait(700).then(async () => {
        ended = await project.source(terminate("query like 'copy%' and state = 'active'"));
      });
    });
    await under;
    expect(ended).toHaveLength(1);
    await expectUndisturbed(result);
  });

  it('that keeps the snapshot: no other is put in its place; said, and the next run completes', async () => {
    const condition = "state = 'idle in transaction' and query like '%pg_export_snapshot%'";
    const result = await run(atBatch(3, () => project.source(terminate(condition))));
    expect(result.exitCode).toBe(3);
    const failed = result.mappings.find(({ status }) => status === 'failed');
    expect(failed?.reason).toMatch(/snapshot .* is gone/);
    await expectNextCompletes();
  });
});

describe('two runs at once', () => {
  it('one whose lock another has taken meanwhile stops, and loads nothing more', async () => {
    const other = await somebody();
    let taken = Promise.resolve();
    let loaded: unknown = null;
    const count = (): Promise<unknown> => project.target('select count(*)::int n from owner');
    const result = await run(
      atBatch(5, () => {
        taken = project
          .target(terminate("pid in (select pid from pg_locks where locktype = 'advisory')"))
          .then(() => other.query("select pg_advisory_lock(hashtextextended('crosswalk:etl:trial', 0))"))
          .then(() => project.target("update etl.runs set status = 'abandoned'"))
          .then(count)
          .then((rows) => {
            loaded = rows;
          });
      }),
    ).catch((error: unknown) => error);
    await taken;
    expect(result).toMatchObject({ exitCode: 3, message: expect.stringContaining('taken over') as string });
    expect(await count()).toEqual(loaded);
    await other.end();
    await expectNextCompletes();
  });

  it('what a dead run’s backend still holds is taken from it', async () => {
    await run();
    await project.target('truncate owner, node, pet; truncate etl.key_map');
    const dead = await somebody();
    await dead.query('begin; insert into owner (legacy, name) values (7, null)');
    await project.target(`update etl.runs set status = 'running'; update etl.steps set backend_pid = a.pid, backend_start = a.backend_start
      from pg_stat_activity a where a.query like 'begin; insert into owner%' and a.datname = current_database() and a.pid <> pg_backend_pid()`);
    await expectUndisturbed(await run());
    await expect(dead.query('commit')).rejects.toThrow();
  });
});

describe('somebody else', () => {
  it('who locks a table for a while is waited for', async () => {
    const other = await somebody();
    let held = Promise.resolve();
    const result = await run(
      atBatch(2, () => {
        held = other
          .query('begin; lock table owner in access exclusive mode')
          .then(() => wait(2500))
          .then(() => other.query('commit'))
          .then(() => undefined);
      }),
    );
    await held;
    await expectUndisturbed(result);
    expect(result.mappings.reduce((sum, { retries }) => sum + retries, 0)).toBeGreaterThan(0);
  });

  it('who keeps it is named as such, exit 3; the next run completes', async () => {
    const other = await somebody();
    const result = await run(
      atBatch(20, () => other.query('begin; lock table owner in access exclusive mode')),
    ).catch((error: unknown) => error);
    expect(result).toMatchObject({ exitCode: 3 });
    expect(JSON.stringify(result)).toMatch(/lock timeout.*tried 6 times/);
    await other.query('rollback');
    await expectNextCompletes();
  });

  it('who takes the last connection: exit 3 and the word for it, once there is one it goes on', async () => {
    const [row] = await project.target('select current_database() name');
    const name = String(row?.['name']);
    const limit = (n: number): Promise<unknown> =>
      project.target(`alter database ${name} connection limit ${String(n)}`);
    onTestFinished(async () => {
      await limit(-1);
    });
    // What the run has open it goes on with: only what it loses must be opened again.
    const shut = async (): Promise<void> => {
      await limit(1);
      await project.target(terminate("pid not in (select pid from pg_locks where locktype = 'advisory')"));
    };
    const stuck = await run(atBatch(3, shut));
    expect(stuck.exitCode).toBe(3);
    expect(JSON.stringify(stuck)).toMatch(/53300/);
    await limit(-1);
    await project.target(EMPTY);
    const result = await run(
      atBatch(3, async () => {
        await shut();
        await wait(400);
        await limit(-1);
      }),
    );
    await expectUndisturbed(result);
  });
});
