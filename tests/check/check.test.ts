import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionFacts } from '../../engine/check/connection-facts.js';
import { connectionFindings } from '../../engine/check/connection-findings.js';
import { estimateDuration } from '../../engine/check/duration.js';
import { sampleOf } from '../../engine/check/sample.js';
import type { CheckReport } from '../../engine/contract/finding.js';
import { etl, project, write } from '../cli/etl.js';
import { SMALL, SMALL_SQL } from '../cli/small.js';
import { createDatabases, query, type Databases } from '../support/database.js';

let databases: Databases;
let env: Record<string, string>;

beforeAll(async () => {
  databases = await createDatabases(SMALL_SQL);
  env = { SOURCE_DATABASE_URL: databases.source, TARGET_DATABASE_URL: databases.target };
});

afterAll(() => databases.drop());

const report = (stdout: string): CheckReport & { exit_code: number } =>
  JSON.parse(stdout) as CheckReport & { exit_code: number };

describe('a clean pair', () => {
  test('is ready: not one finding, and where each connection came from', async () => {
    const folder = await project(SMALL);
    const { code, stdout, stderr } = await etl(['check', folder, '--json'], { env });
    const { grade, findings, connections, mappings, disk, duration, exit_code } = report(stdout);
    expect(findings, stderr).toEqual([]);
    expect({ code, exit_code, grade }).toEqual({ code: 0, exit_code: 0, grade: 'ready' });
    expect(connections.map(({ name, origin, tls }) => ({ name, origin, tls }))).toEqual([
      { name: 'source', origin: 'SOURCE_DATABASE_URL from the environment', tls: 'none' },
      { name: 'target', origin: 'TARGET_DATABASE_URL from the environment', tls: 'none' },
    ]);
    expect(stdout).not.toContain(new URL(databases.source).password);
    expect(
      mappings.map(({ mapping, rows, loadable, sampled }) => ({ mapping, rows, loadable, sampled })),
    ).toEqual([
      { mapping: 'teams', rows: 2, loadable: 2, sampled: false },
      { mapping: 'people', rows: 1000, loadable: 1000, sampled: false },
    ]);
    const born = mappings[1]?.columns.find(({ column }) => column === 'born');
    expect(born).toMatchObject({ nulls: 0, distinct: 1, min: '1990-01-01', max: '1990-01-01', longest: 10 });
    expect(disk?.source).toBeGreaterThan(0);
    expect(duration?.basis).toMatch(/pace at which the preflight/);
    expect(await query(databases.targetAdmin, "select 1 from pg_namespace where nspname = 'etl'")).toEqual(
      [],
    );
  });

  test('is still ready when it has been migrated, and the estimate goes by that run', async () => {
    const folder = await project(SMALL);
    expect((await etl(['run', folder, '--quiet'], { env })).code).toBe(0);
    const { code, stdout } = await etl(['check', folder, '--json'], { env });
    const { findings, duration } = report(stdout);
    expect({ code, findings }).toEqual({ code: 0, findings: [] });
    expect(duration?.basis).toMatch(/^the pace of run /);
  });
});

test('for people: what is at stake, where, what to do, the grade last', async () => {
  const folder = await project(SMALL);
  const file = 'people.yaml';
  const text = `${SMALL[file]}rules: [{ accepted_values: { column: name, values: [person 1] } }]\n`;
  await write(folder, { [file]: text });
  const { code, stdout } = await etl(['check', folder], { env });
  expect(code).toBe(5);
  expect(stdout).toMatch(
    /error\[ETL-CHECK-057\] 999 of 1,000 rows would be rejected, max_rejects is 1 % · 999 rows/,
  );
  expect(stdout).toMatch(
    /warning\[ETL-CHECK-050\] name \(accepted_values\(name\)\).* · 999 rows\n +--> .*people\.yaml:9:\d+\n +keys 2, 3, 4, 5, 6, …\n +=/,
  );
  expect(stdout.trim().split('\n').at(-1)).toMatch(/^NOT READY {2}1 error, 1 warning$/);
});

test('as annotations, SARIF and JUnit: worst first, with file and line', async () => {
  const folder = await project({ ...SMALL, 'teams.yaml': `${SMALL['teams.yaml']}max_rejects: 0\n` });
  const broken = SMALL['people.yaml'].replace('references: teams', 'references: teams, missing: fail');
  await write(folder, {
    'people.yaml': `${broken}rules: [{ accepted_values: { column: name, values: [x] }, name: known }]\n`,
  });
  const as = async (format: string): Promise<string> => {
    const { code, stdout } = await etl(['check', folder, '--format', format], { env, cwd: folder });
    expect(code).toBe(5);
    return stdout;
  };
  const [first, second] = (await as('github')).split('\n');
  expect(first).toMatch(/^::error file=people\.yaml,line=1,.*title=ETL-CHECK-057::1,000 of 1,000 rows/);
  expect(second).toMatch(
    /^::warning file=people\.yaml,line=9,.*title=ETL-CHECK-050::name \(known\).*\(1,000 rows\)/,
  );
  const sarif = JSON.parse(await as('sarif')) as { runs: { results: { ruleId: string; level: string }[] }[] };
  expect(sarif.runs[0]?.results.map(({ ruleId, level }) => `${level} ${ruleId}`)).toEqual([
    'error ETL-CHECK-057',
    'warning ETL-CHECK-050',
  ]);
  expect(await as('junit')).toMatch(
    /<testcase classname="etl check" name="people\.yaml">\n +<failure type="ETL-CHECK-057"/,
  );
});

test('a connection that does not open is named with its line, the other one is reached', async () => {
  const folder = await project(SMALL);
  const source = new URL(databases.source);
  source.password = 'wrong';
  const { code, stdout } = await etl(['check', folder, '--json'], {
    env: { ...env, SOURCE_DATABASE_URL: source.href },
  });
  const { grade, findings, connections } = report(stdout);
  const yaml = await readFile(path.join(folder, 'etl.yaml'), 'utf8');
  const line = yaml.split('\n').findIndex((one) => one.includes('source:')) + 1;
  expect({ code, grade }).toEqual({ code: 5, grade: 'not ready' });
  expect(findings).toMatchObject([{ code: 'ETL-CHECK-001', subject: 'connection source', at: { line } }]);
  expect(connections.map(({ version }) => version !== null)).toEqual([false, true]);
  expect(stdout).not.toContain('wrong');
});

describe('connections', () => {
  const free = (count: number) => ({ server: 'one', count, shared: count, limit: 'max_connections' });
  const fine: ConnectionFacts = {
    name: 'target',
    host: 'db.example.com',
    version: 180_000,
    encoding: 'UTF8',
    clockAhead: 0,
    free: free(90),
    superuser: false,
    standby: false,
    readOnly: false,
    pooler: 'none',
    tls: { protocol: 'TLSv1.3', validTo: new Date('2027-06-01') },
    verified: true,
    size: 0,
  };
  const at = { file: 'etl.yaml', line: 4, column: 3, length: 6 };
  const needs = {
    at: new Map([['target', at]]),
    sessions: new Map([['target', 9]]),
    now: new Date('2026-11-22'),
  };

  test.each<[string, Partial<ConnectionFacts>, readonly string[]]>([
    ['all is well', {}, []],
    ['a session pooler is none to mind', { pooler: 'session' }, []],
    ['a transaction pooler', { pooler: 'transaction' }, ['error ETL-CHECK-002']],
    ['an old server', { version: 120_022 }, ['error ETL-CHECK-003']],
    ['a clock ahead', { clockAhead: 61 }, ['warning ETL-CHECK-005']],
    ['a clock behind', { clockAhead: -4000 }, ['warning ETL-CHECK-005']],
    ['few connections', { free: free(8) }, ['warning ETL-CHECK-006']],
    ['no connections', { free: free(0) }, ['error ETL-CHECK-006']],
    ['in the clear', { tls: null }, ['warning ETL-CHECK-007']],
    ['in the clear, but here', { tls: null, host: '127.0.0.1' }, []],
    ['not verified', { verified: false }, ['warning ETL-CHECK-007']],
    [
      'a certificate at its end',
      { tls: { protocol: 'TLSv1.3', validTo: new Date('2026-12-01') } },
      ['warning ETL-CHECK-008'],
    ],
    ['a standby', { standby: true }, ['error ETL-CHECK-009']],
  ])('%s', (_, changed, expected) => {
    const found = connectionFindings([{ ...fine, ...changed }], needs);
    expect(found.map(({ severity, code }) => `${severity} ${code}`)).toEqual(expected);
    for (const one of found) expect(one).toMatchObject({ at, subject: 'connection target' });
  });

  test.each([
    ['LATIN1', 'UTF8', 0],
    ['UTF8', 'LATIN1', 1],
    ['SQL_ASCII', 'UTF8', 1],
  ])('%s into %s', (source, target, count) => {
    const both = [
      { ...fine, name: 'source', encoding: source },
      { ...fine, encoding: target },
    ];
    expect(connectionFindings(both, needs).filter(({ code }) => code === 'ETL-CHECK-004')).toHaveLength(
      count,
    );
  });
});

test('the estimate: each mapping at its own pace, side by side, never less than the longest', () => {
  const paces = [
    { mapping: 'a', rows: 1000, read: 1000, milliseconds: 1000 },
    { mapping: 'b', rows: 9000, read: 1000, milliseconds: 1000 },
  ];
  expect(estimateDuration([], null, 2)).toBeNull();
  expect(estimateDuration(paces, null, 2)?.seconds).toBe(27);
  expect(estimateDuration(paces, null, 1)?.seconds).toBe(30);
});

test('a sample is taken of many rows alone, by the whole key', () => {
  const field = (sql: string) => ({ sql }) as never;
  const compiled = { key: [0, 1], fields: [field('q."a"'), field('q."b"')] } as never;
  expect(sampleOf(compiled, 250_000)).toBeNull();
  expect(sampleOf(compiled, 1_000_000)).toEqual({
    oneIn: 5,
    condition: `(hashtext(concat_ws(',', (q."a")::text, (q."b")::text)) & 2147483647) % 5 = 0`,
  });
});
