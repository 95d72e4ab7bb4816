import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CONTENT, COUNTS, EMPTY, herdOf } from './herd.js';
import { createProject, type Child, type TestProject } from '../support/project.js';
import { until } from '../support/until.js';

const ROWS = 700;
const LAST = 'run = (select run from etl.runs order by epoch desc limit 1)';
/** What a resumed run says of itself is what an undisturbed one says. */
const ACCOUNT = `
  select mapping, null key, jsonb_build_array(read, inserted, updated, unchanged, skipped, rejected, status) said from etl.steps
    where ${LAST} and partition = 0
  union all select mapping, source_key, jsonb_build_array(column_name, rule, sqlstate) from etl.rejects where ${LAST}
  union all select mapping, source_key, '"waits"' from etl.second_pass
  order by 1, 2, 3`;

let project: TestProject;
let wanted: unknown;
let wantedCounts: unknown;
let wantedAccount: unknown;

beforeAll(async () => {
  project = await createProject(herdOf(ROWS));
  const { code, output } = await project.spawn().ended;
  if (code !== 0) throw new Error(output);
  wanted = await project.target(CONTENT);
  wantedCounts = await project.target(COUNTS);
  wantedAccount = await project.target(ACCOUNT);
}, 120_000);
afterAll(() => project.drop());
beforeEach(async () => {
  await project.target(EMPTY);
});

/** Waits until the run's reader has at least so many rows behind it. */
const rowsRead = (child: Child, rows: number): Promise<boolean> =>
  until(project.databases.targetAdmin, 'select coalesce(sum(read), 0)::int n from etl.steps', {
    child,
    holds: ({ n }) => Number(n) >= rows,
  });

async function completes(): Promise<void> {
  const { code, output } = await project.spawn().ended;
  expect([code, output]).toEqual([0, expect.any(String)]);
  expect(await project.target(CONTENT)).toEqual(wanted);
  expect(await project.target(COUNTS)).toEqual(wantedCounts);
}

/** `etl resume`, or a first run where the killed one had not even begun. */
async function goesOn(): Promise<void> {
  const [state] = await project.target("select to_regclass('etl.steps') is not null there");
  const [runs] =
    state?.['there'] === true ? await project.target('select count(*)::int n from etl.runs') : [];
  const begun = Number(runs?.['n'] ?? 0) > 0;
  const { code, output } = await project.spawn([], begun ? 'resume' : 'run').ended;
  expect([code, output]).toEqual([0, expect.any(String)]);
  expect(await project.target(CONTENT)).toEqual(wanted);
  expect(await project.target(ACCOUNT)).toEqual(wantedAccount);
  expect(await project.target('select count(*)::int n from etl.runs')).toEqual([{ n: 1 }]);
}

/** Seeded (mulberry32), so that a failure can be tried again. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe('a run that is killed', () => {
  const random = randoms(20261122);
  it.for(Array.from({ length: 4 }, () => Math.floor(random() * 3 * ROWS)))(
    'after %i rows: resume ends, and counts, as if it had not been',
    { timeout: 60_000 },
    async (rows) => {
      const child = project.spawn();
      await rowsRead(child, rows);
      await wait(random() * 20);
      child.process.kill('SIGKILL');
      await child.ended;
      await goesOn();
    },
  );

  it('and killed while it goes on: the next resume ends as if nothing had been', async () => {
    for (const [command, rows] of [
      ['run', 900],
      ['resume', 400],
      ['resume', 1600],
    ] as const) {
      const child = project.spawn([], command);
      await rowsRead(child, rows);
      child.process.kill('SIGKILL');
      await child.ended;
    }
    await goesOn();
  }, 60_000);

  it('a new run says that there is one to go on with, and ends as if it had not been', async () => {
    const child = project.spawn();
    await rowsRead(child, 900);
    child.process.kill('SIGKILL');
    await child.ended;
    const { code, output } = await project.spawn(['--log-file', `${project.folder}/log`]).ended;
    expect([code, output]).toEqual([0, expect.any(String)]);
    expect(await readFile(`${project.folder}/log`, 'utf8')).toMatch(/did not come to its end: etl resume/);
    expect(await project.target(CONTENT)).toEqual(wanted);
    expect(await project.target(COUNTS)).toEqual(wantedCounts);
  }, 60_000);

  it('three times over, before it has loaded anything and while it is at it', async () => {
    for (const delay of [0, 400, 900]) {
      const child = project.spawn();
      await wait(delay);
      child.process.kill('SIGKILL');
      await child.ended;
    }
    await completes();
  }, 60_000);
});

describe('a run that is interrupted', () => {
  it.for(['SIGINT', 'SIGTERM'] as const)(
    'by %s leaves, keeps what it has, and the next one goes on',
    { timeout: 60_000 },
    async (signal) => {
      const child = project.spawn();
      await rowsRead(child, 400);
      child.process.kill(signal);
      const { code, output } = await child.ended;
      expect(code).toBe(130);
      expect(output).toMatch(/interrupted.*etl resume/s);
      const [row] = await project.target('select count(*)::int n from owner');
      expect(Number(row?.['n'])).toBeGreaterThan(0);
      const [run] = await project.target('select status, exit_code from etl.runs');
      expect(run).toEqual({ status: 'interrupted', exit_code: 130 });
      await goesOn();
    },
  );
});

describe('two runs at once', () => {
  it('the second leaves at once and names the first', async () => {
    // The first cannot end before the second has looked.
    const held = project.target('begin; lock table pet in share mode; select pg_sleep(50)').catch(() => null);
    const first = project.spawn();
    await rowsRead(first, 200);
    const { code, output } = await project.spawn().ended;
    expect([code, output]).toEqual([3, expect.any(String)]);
    const [run] = await project.target('select run from etl.runs');
    expect(output).toContain(String(run?.['run']));
    await project.target(
      "select pg_cancel_backend(pid) from pg_stat_activity where query like 'begin; lock table pet%' and datname = current_database()",
    );
    await held;
    expect((await first.ended).code).toBe(0);
    expect(await project.target(CONTENT)).toEqual(wanted);
  }, 60_000);
});

/** Ends the backends that some condition on pg_stat_activity finds, in the database that is connected to. */
const terminate = (condition: string): string =>
  `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
   and application_name like 'crosswalk%' and ${condition}`;

describe('a backend that is terminated', () => {
  it.for([
    ['a reader', 'source', "query ilike 'copy%'"],
    [
      'the snapshot’s keeper',
      'source',
      "state = 'idle in transaction' and query ilike '%pg_export_snapshot%'",
    ],
    ['a loader', 'target', "query ilike '%checkpoint%'"],
    ['the state’s session', 'target', "pid in (select pid from pg_locks where locktype = 'advisory')"],
    ['all of the source', 'source', 'true'],
    ['all of the target', 'target', 'true'],
  ] as const)(
    '%s: the run ends with words or goes on, and the next one completes',
    { timeout: 90_000 },
    async ([, side, condition]) => {
      const child = project.spawn();
      await rowsRead(child, 400);
      const { sourceAdmin, targetAdmin } = project.databases;
      const url = side === 'source' ? sourceAdmin : targetAdmin;
      await until(url, terminate(condition), { child, holds: () => true });
      const { code, output } = await Promise.race([
        child.ended,
        wait(30_000, { code: -1, output: 'it hangs' }),
      ]);
      expect([code === 3 || code === 0, code, output]).toEqual([true, code, output]);
      if (code === 3) expect(output).toMatch(/terminat|connection|57P01|lost|snapshot .* is gone/i);
      expect(output).not.toMatch(/internal error|unhandled/i);
      await completes();
    },
  );
});

describe('TRUNCATE on the source during a run', () => {
  it('waits for the run to end, or the run says so', async () => {
    const child = project.spawn();
    await rowsRead(child, 200);
    const truncate = project.source('begin; truncate pet; rollback');
    const { code, output } = await child.ended;
    // It waits for the run; a reader that opens after it would wait for it in turn, and gives up instead.
    expect([0, 3]).toContain(code);
    await truncate;
    if (code === 3) expect(output).toMatch(/lock timeout.*TRUNCATE/s);
    await completes();
  }, 60_000);
});
