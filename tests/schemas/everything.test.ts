import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasOlderServer, startOlderServer, type OlderServer } from '../support/older-server.js';
import { accountingFaults, countsOf, type TestProject } from '../support/project.js';
import { dump, rollback } from '../support/rollback.js';
import { until } from '../support/until.js';
import type { RunResult } from '../../engine/contract/result.js';
import type { Case } from './case.js';
import { casesOf, everything } from './everything.js';

const PAIRS = [
  { source: 18, target: 18 },
  { source: 15, target: 18 },
  { source: 18, target: 15 },
];

describe.each(PAIRS)('from PostgreSQL $source to $target', ({ source, target }) => {
  const cases = casesOf({ source, target });
  let project: TestProject;
  let older: OlderServer | null = null;
  let before: Awaited<ReturnType<typeof dump>>;
  const skipped = (source === 15 || target === 15) && !hasOlderServer;

  beforeAll(async () => {
    if (skipped) return;
    if (source === 15 || target === 15) older = await startOlderServer();
    const servers = {
      source: source === 15 ? (older ?? undefined) : undefined,
      target: target === 15 ? (older ?? undefined) : undefined,
    };
    project = await everything(cases, servers);
    before = await loaded();
  }, 120_000);
  afterAll(async () => {
    if (!skipped) await project.drop();
    await older?.stop();
  });

  /** All tables but those that triggers and rules of the target write to: what these do nobody takes back. */
  const loaded = async (): Promise<Awaited<ReturnType<typeof dump>>> => {
    const { 'public.stamps': _stamps, 'public.told': _told, ...rest } = await dump(project);
    return rest;
  };
  const failed = ({ mappings }: RunResult): readonly string[] =>
    mappings.filter((m) => m.status !== 'succeeded').map((m) => `${m.mapping}: ${m.reason ?? ''}`);
  const said = (result: RunResult, of: readonly Case[]): Record<string, string> =>
    Object.fromEntries(of.map(({ name }) => [name, countsOf(result, name)]));
  const wanted = (of: readonly Case[], counts: (one: Case) => string): Record<string, string> =>
    Object.fromEntries(of.map((one) => [one.name, counts(one)]));
  const unchanged = ({ counts, again }: Case): string => again ?? counts.replace('inserted', 'unchanged');

  async function compare(): Promise<void> {
    for (const { name, same } of cases) {
      if (same === undefined) continue;
      expect(await project.target(same[1]), name).toEqual(await project.source(same[0]));
    }
  }

  it.skipIf(skipped)('everything comes over', async () => {
    const result = await project.run();
    expect(failed(result)).toEqual([]);
    expect(said(result, cases)).toEqual(wanted(cases, ({ counts }) => counts));
    expect(await accountingFaults(project, result)).toEqual([]);
    await compare();
    for (const { name, rejects } of cases) {
      if (rejects === undefined) continue;
      const rows = await project.target(
        "select concat_ws(' ', source_key, coalesce(column_name, ''), rule, sqlstate) said, reason from etl.rejects where mapping = $1 order by source_key::int",
        [name],
      );
      expect(
        rows.map((row) => row['said']),
        name + JSON.stringify(rows),
      ).toEqual(rejects);
    }
  });
  it.skipIf(skipped || source !== target)('and is found equal', async () => {
    const verified = await project.verify();
    expect(verified.mappings.flatMap((m) => (m.status === 'failed' ? [JSON.stringify(m)] : []))).toEqual([]);
  });

  it.skipIf(skipped)('again, after changes', async () => {
    await project.source(cases.flatMap(({ change }) => change ?? []).join(';'));
    const result = await project.run();
    expect(failed(result)).toEqual([]);
    expect(said(result, cases)).toEqual(wanted(cases, (one) => one.changed ?? unchanged(one)));
    await compare();
    for (const { name, ask } of cases) {
      if (ask === undefined) continue;
      const [row = {}] = await project.target(ask[0]);
      expect(Object.values(row).map(String), name).toEqual(ask[1]);
    }
  });

  it.skipIf(skipped || source !== target)('and is taken back', async () => {
    for (let n = 0; n < 2; n++) await rollback(project);
    expect(await loaded()).toEqual(before);
  });

  it.skipIf(skipped || source !== target)(
    'a run that is killed goes on, and ends as if it had not been',
    async () => {
      const child = project.spawn(['--jobs', '1']);
      const sql =
        "select sum(read) >= 100 there from etl.steps where run = (select run from etl.runs order by epoch desc limit 1) and status = 'running'";
      await until(project.databases.targetAdmin, sql, { child });
      child.process.kill('SIGKILL');
      expect((await child.ended).code).toBe(null);
      const resumed = await project.spawn(['--jobs', '1'], 'resume').ended;
      expect([resumed.code, resumed.output]).toEqual([0, expect.any(String)]);
      await compare();
    },
    120_000,
  );
});
