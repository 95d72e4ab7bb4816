import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckReport } from '../../engine/contract/finding.js';
import { etl, project } from '../cli/etl.js';
import { SMALL, SMALL_SQL } from '../cli/small.js';
import { createDatabases, query, type Databases } from '../support/database.js';
import { hasPooler, startPooler, type Pooler } from '../support/pooler.js';

let databases: Databases;
let poolers: Readonly<Record<'session' | 'transaction', Pooler>>;

const envOf = (pooler: Pooler): Record<string, string> => ({
  SOURCE_DATABASE_URL: pooler.url('source'),
  TARGET_DATABASE_URL: pooler.url('target'),
});

describe.skipIf(!hasPooler)('pgbouncer before both databases', () => {
  beforeAll(async () => {
    databases = await createDatabases(SMALL_SQL);
    const urls = { source: databases.source, target: databases.target };
    poolers = {
      session: await startPooler('session', urls),
      transaction: await startPooler('transaction', urls),
    };
  });
  afterAll(async () => {
    await poolers.session.stop();
    await poolers.transaction.stop();
    await databases.drop();
  });

  test('in transaction mode check names it and a run refuses it before anything is written', async () => {
    const folder = await project(SMALL);
    const env = envOf(poolers.transaction);
    const checked = await etl(['check', folder, '--json'], { env });
    const { findings, grade } = JSON.parse(checked.stdout) as CheckReport;
    const told = findings.map(({ code, subject }) => [code, subject]);
    expect(told, checked.stderr).toEqual([
      ['ETL-CHECK-002', 'connection source'],
      ['ETL-CHECK-002', 'connection target'],
    ]);
    expect([checked.code, grade]).toEqual([5, 'not ready']);

    const run = await etl(['run', folder], { env });
    expect([run.code, run.stderr]).toEqual([2, expect.stringMatching(/pooler in transaction mode/)]);
    expect(await query(databases.targetAdmin, "select 1 from pg_namespace where nspname = 'etl'")).toEqual(
      [],
    );
  });

  test('whose pool is smaller than what a run opens: check says so, and no run hangs', async () => {
    const folder = await project(SMALL);
    const said = async (size: number): Promise<readonly unknown[]> => {
      const urls = { source: databases.source, target: databases.target };
      const pooler = await startPooler('session', urls, { default_pool_size: String(size) });
      try {
        const env = {
          SOURCE_DATABASE_URL: databases.source,
          TARGET_DATABASE_URL: `${pooler.url('target')}?connect_timeout=2`,
        };
        const { stdout } = await etl(['check', folder, '--json'], { env });
        const { findings } = JSON.parse(stdout) as CheckReport;
        const run = await etl(['run', folder], { env });
        return [...findings.map(({ severity, message }) => `${severity} ${message}`), run.code, run.stderr];
      } finally {
        await pooler.stop();
      }
    };
    const free = (count: string): unknown =>
      expect.stringMatching(new RegExp(`${count} free by the pooler before it \\(its pool size`));
    expect(await said(1)).toEqual([
      free('^error 1 connection is'),
      3,
      expect.stringMatching(
        /the first query has no answer yet.*= help: .*no session of the server free.*--jobs/s,
      ),
    ]);
    expect(await said(3)).toEqual([
      free('^warning 3 connections are'),
      0,
      expect.stringMatching(/the pooler before it lets in no more.*it does with 1 mapping at a time/),
    ]);
    expect((await etl(['rollback', folder, '--yes'], { env: envOf(poolers.session) })).code).toBe(0);
  }, 60_000);

  test('in session mode all is well', async () => {
    const folder = await project(SMALL);
    const env = envOf(poolers.session);
    const checked = await etl(['check', folder, '--json'], { env });
    expect([checked.code, (JSON.parse(checked.stdout) as CheckReport).findings]).toEqual([0, []]);
    const run = await etl(['run', folder, '--json'], { env });
    expect(run.code, run.stderr).toBe(0);
    expect(await query(databases.targetAdmin, 'select count(*)::int n from people')).toEqual([{ n: 1000 }]);
    expect((await etl(['verify', folder], { env })).code).toBe(0);
    expect((await etl(['rollback', folder, '--yes'], { env })).code).toBe(0);
  });
});
