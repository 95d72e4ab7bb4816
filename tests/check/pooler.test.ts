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
