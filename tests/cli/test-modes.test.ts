import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabases, query, type Databases } from '../support/database.js';
import { etl, project } from './etl.js';
import { expectNoTrace, SMALL, SMALL_SQL } from './small.js';

let databases: Databases;
beforeAll(async () => {
  databases = await createDatabases(SMALL_SQL);
});
afterAll(() => databases.drop());

const env = (): Record<string, string> => ({
  SOURCE_DATABASE_URL: databases.source,
  TARGET_DATABASE_URL: databases.target,
});
const rows = async (): Promise<unknown> =>
  (await query(databases.targetAdmin, 'select count(*)::int as rows from people'))[0]?.['rows'];

describe('etl run --dry-run', () => {
  test('says what a run would do, in every form, and that it was none', async () => {
    const folder = await project(SMALL);
    const ended = await etl(['run', folder, '--dry-run'], { env: env() });
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('dry run: one transaction, taken back at the end');
    expect(ended.stdout).toMatch(/people +1,000 +1,000/);
    expect(ended.stdout).toContain('DRY RUN  Everything was done in one transaction and taken back');
    expectNoTrace(ended);
    expect(await rows()).toBe(0);
    const [, file = ''] = /Report: (.*)/.exec(ended.stdout) ?? [];
    const report = await readFile(path.resolve(file), 'utf8');
    expect(report).toContain('<title>DRY RUN, GO: small');
    expect(report).toContain('1,002 would be in the target');
    const json = await etl(['run', folder, '--dry-run', '--json'], { env: env() });
    expect(JSON.parse(json.stdout)).toMatchObject({ dry_run: true, limit: null, exit_code: 0 });
    expect(await query(databases.targetAdmin, `select from pg_namespace where nspname = 'etl'`)).toEqual([]);
  });

  test('keeps the exit code of a run', async () => {
    const folder = await project({
      ...SMALL,
      'people.yaml': `${SMALL['people.yaml']}rules: [{ length: { column: name, max: 3 } }]\n`,
    });
    const ended = await etl(['run', folder, '--dry-run', '--json'], { env: env() });
    expect(ended.code).toBe(4);
  });
});

describe('etl run --limit', () => {
  test('loads a sample, says so in every form, and a run completes it', async () => {
    const folder = await project(SMALL);
    const ended = await etl(['run', folder, '--limit', '1'], { env: env() });
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('sample: 1 row of each mapping and every row that they refer to');
    expect(ended.stdout).toContain('SAMPLE  1 row of each mapping');
    // Person 1 is in team 2.
    expect(ended.stdout).toMatch(/teams +2 +2/);
    expect(await rows()).toBe(1);
    const json = await etl(['run', folder, '--limit', '1', '--dry-run', '--json'], { env: env() });
    expect(JSON.parse(json.stdout)).toMatchObject({ dry_run: true, limit: 1, exit_code: 0 });
    const full = await etl(['run', folder, '--json'], { env: env() });
    expect(JSON.parse(full.stdout)).toMatchObject({ dry_run: false, limit: null, exit_code: 0 });
    expect(await rows()).toBe(1000);
  });

  test.each(['0', '-1', 'ten', '1.5'])('%s is no number of rows', async (limit) => {
    const ended = await etl(['run', 'x', `--limit=${limit}`]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('It is a whole number from 1');
  });

  test.each([['--dry-run'], ['--limit=5']])('plan takes no %s', async (flag) => {
    const ended = await etl(['plan', 'x', flag]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('unknown option');
  });
});
