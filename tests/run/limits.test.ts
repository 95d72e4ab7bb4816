import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../engine/contract/events.js';
import type { RunResult } from '../../engine/contract/result.js';
import { query } from '../support/database.js';
import { hasPooler, startPooler } from '../support/pooler.js';
import { accountingFaults, createProject, type RunOptions, type TestProject } from '../support/project.js';

/** One mapping in eight ranges, two in one; slow enough that a run takes longer than the limits below. */
const ROWS = 800;
const slow = 'id % 8 > 0 or pg_sleep(0.002) is not null';
let project: TestProject;

beforeAll(async () => {
  const mapping = (name: string, extra: string): string =>
    `source: { table: ${name}, key: id, where: "${slow}", ${extra} }\ntarget: { table: ${name}, key: id }\ncolumns: { '*': same_name }\n`;
  const tables = ['big', 'one', 'two'];
  project = await createProject({
    source: tables
      .map((name) => `create table ${name} (id int primary key, t text); insert into ${name} select i, 'x' || i from generate_series(1, ${String(ROWS)}) i; analyze ${name};`)
      .join('\n'),
    target: tables.map((name) => `create table ${name} (id int primary key, t text);`).join('\n'),
    mappings: {
      big: mapping('big', 'partition: { rows: 100 }'),
      one: mapping('one', 'partition: none'),
      two: mapping('two', 'partition: none'),
    },
    settings: 'defaults: { batch_rows: 100 }',
  }); // prettier-ignore
}, 60_000);
afterAll(() => project.drop());

const empty = async (): Promise<void> => {
  await query(project.databases.targetAdmin, 'truncate big, one, two; drop schema if exists etl cascade');
};

/** Sets something on both databases for the time of a work. */
async function under<T>(settings: readonly string[], work: () => Promise<T>): Promise<T> {
  const { sourceAdmin, targetAdmin } = project.databases;
  const alter = async (words: (setting: string) => string): Promise<void> => {
    for (const url of [sourceAdmin, targetAdmin]) {
      const name = new URL(url).pathname.slice(1);
      for (const setting of settings) await query(url, `alter database ${name} ${words(setting)}`);
    }
  };
  await alter((setting) => `set ${setting}`);
  try {
    return await work();
  } finally {
    await alter((setting) => `reset ${setting.split(' ')[0] ?? ''}`);
  }
}

async function run(options: RunOptions = {}): Promise<{ result: RunResult; notices: string }> {
  const notices: string[] = [];
  const result = await project.run({
    ...options,
    onEvent: (event: RunEvent, stop) => {
      if (event.type === 'notice') notices.push(event.message);
      options.onEvent?.(event, stop);
    },
  });
  return { result, notices: notices.join('\n') };
}

/** The most sessions that a work has open on each side. */
async function watched<T>(
  work: () => Promise<T>,
): Promise<{ readonly done: T; readonly peaks: Readonly<Record<'source' | 'target', number>> }> {
  const over = new AbortController();
  const peakOf = async (url: string): Promise<number> => {
    let peak = 0;
    while (!over.signal.aborted) {
      const [row] = await query(
        url,
        "select count(*)::int n from pg_stat_activity where datname = current_database() and application_name like 'crosswalk%'",
      );
      peak = Math.max(peak, Number(row?.['n']));
      await wait(15);
    }
    return peak;
  };
  const { sourceAdmin, targetAdmin } = project.databases;
  const peaks = Promise.all([peakOf(sourceAdmin), peakOf(targetAdmin)]);
  const done = await work().finally(() => {
    over.abort();
  });
  const [source, target] = await peaks;
  return { done, peaks: { source, target } };
}

describe('limits that somebody else has set', () => {
  it('time-outs by database and a small work_mem: a run that takes longer does not notice', async () => {
    await empty();
    const limits = [
      "statement_timeout = '1s'",
      "idle_in_transaction_session_timeout = '1s'",
      "lock_timeout = '1s'",
      "work_mem = '64kB'",
      'client_connection_check_interval = 0',
    ];
    const [version] = await query(project.databases.targetAdmin, 'show server_version_num');
    const number = Number(version?.['server_version_num']);
    if (number >= 140_000) limits.push("idle_session_timeout = '1s'");
    if (number >= 170_000) limits.push("transaction_timeout = '1s'");
    const { result, notices } = await under(limits, () => run({ jobs: 1 }));
    expect([result.exitCode, notices]).toEqual([0, '']);
    expect(result.duration_ms).toBeGreaterThan(1500);
    expect(await accountingFaults(project, result)).toEqual([]);
    expect(result.mappings.map(({ inserted }) => inserted)).toEqual([ROWS, ROWS, ROWS]);
  }, 60_000);

  it('a database with few connections: the run does with what there is, says so, and never takes more', async () => {
    await empty();
    const { targetAdmin } = project.databases;
    const database = new URL(targetAdmin).pathname.slice(1);
    await query(targetAdmin, `alter database ${database} connection limit 6`);
    const { done, peaks } = await watched(() => run({ jobs: 4 }));
    await query(targetAdmin, `alter database ${database} connection limit -1`);
    expect(done.notices).toMatch(
      /target has [45] connections free \(the connection limit of the database .*does with 1 mapping at a time, 1 key range each/,
    );
    expect([done.result.exitCode, done.result.mappings.map(({ retries }) => retries)]).toEqual([
      0,
      [0, 0, 0],
    ]);
    expect(await accountingFaults(project, done.result)).toEqual([]);
    expect(peaks.target).toBeGreaterThan(1);
    expect(peaks.target).toBeLessThanOrEqual(6);
  }, 60_000);

  it.skipIf(!hasPooler)(
    'a pooler with few places: what it lets in is tried, and the run does with that',
    async () => {
      await empty();
      const { source, target } = project.databases;
      const pooler = await startPooler('session', { source, target }, { default_pool_size: '6' });
      try {
        const { result, notices } = await run({
          jobs: 4,
          urls: { source: pooler.url('source'), target: pooler.url('target') },
        });
        expect(notices).toMatch(
          /source has 5 connections free \(the pooler before it lets in no more\).*does with 1 mapping/,
        );
        expect([result.exitCode, result.mappings.map(({ retries }) => retries)]).toEqual([0, [0, 0, 0]]);
        expect(await accountingFaults(project, result)).toEqual([]);
      } finally {
        await pooler.stop();
      }
    },
    60_000,
  );

  it('many ranges and jobs: never more sessions than planned', async () => {
    await empty();
    const { done, peaks } = await watched(() => run({ jobs: 2 }));
    expect(done.result.exitCode).toBe(0);
    // Two mappings, one of them in four ranges of its eight, the keeper and the exporter.
    expect(peaks.source).toBeGreaterThan(4);
    expect(peaks.source).toBeLessThanOrEqual(1 + 2 * 5);
    expect(peaks.target).toBeLessThanOrEqual(1 + 2 * 13);
  }, 60_000);
});

describe('statements that are ended', () => {
  /** What the target does to the load, and what is said of it. */
  const CASES: readonly (readonly [string, RegExp, number])[] = [
    [
      `create function spoil() returns trigger language plpgsql set statement_timeout = '200ms' as $$ begin perform set_config('statement_timeout', '200ms', false); perform pg_sleep(5); return new; end $$`,
      /statement timeout.*\[57014\].*(insert|copy).*a hook, by a function or trigger.*etl resume/is,
      0,
    ],
    [
      `create function spoil() returns trigger language plpgsql as $$ begin perform pg_cancel_backend(pg_backend_pid()); perform pg_sleep(5); return new; end $$`,
      /user request \(?.*\[57014\].*somebody has cancelled it.*etl resume/is,
      0,
    ],
    [
      `create function spoil() returns trigger language plpgsql as $$ begin raise exception using errcode = '53400', message = 'temporary file size exceeds temp_file_limit'; end $$`,
      /\[53400\].*temp_file_limit = -1/is,
      0,
    ],
  ];

  it('are named with the cure, are not tried for ever, and the run goes on when it is mended', async () => {
    const { targetAdmin } = project.databases;
    for (const [spoil, wanted, retries] of CASES) {
      await empty();
      await query(
        targetAdmin,
        `${spoil}; create trigger spoils before insert on one for each statement execute function spoil()`,
      );
      const cut = await run({ select: ['one'], jobs: 1 });
      await query(targetAdmin, 'drop function spoil() cascade');
      const [mapping] = cut.result.mappings;
      expect([cut.result.exitCode, mapping?.retries], cut.notices).toEqual([3, retries]);
      expect(cut.notices).toMatch(wanted);
      const resumed = await run({ select: ['one'], resume: cut.result.run });
      expect([resumed.result.exitCode, await accountingFaults(project, resumed.result)]).toEqual([0, []]);
    }
    expect(await project.target('select count(*)::int n from one')).toEqual([{ n: ROWS }]);
  }, 60_000);
});
