import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CheckReport, Finding } from '../../engine/contract/finding.js';
import { createProject, type TestProject } from '../support/project.js';
import { query } from '../support/database.js';
import { EXPECTED, PLANTED, type Expected } from './planted.js';

let project: TestProject;
let report: CheckReport & { readonly exit_code: number };
let code: number | null;

/** Everything that a writing command would leave in the target, its sequences included. */
const MARKS = `select (select count(*) from pg_namespace where nspname = 'etl') schemas,
  (select sum(last_value) from pg_sequences) numbers, (select count(*) from customers) rows,
  (select max(xid) from (select xmin::text::bigint xid from labels union all select xmin::text::bigint from stamps) x) newest`;
let before: unknown;
let after: unknown;

beforeAll(async () => {
  const { source, target, admin, grants, mappings } = PLANTED;
  project = await createProject({ source, mappings });
  await project.source(grants);
  const name = new URL(project.databases.target).pathname.slice(1);
  // What the owner is denied, the superuser has to take from him.
  const [made = '', ...denied] = target.replaceAll(':database:', name).split(/(?=alter database )/);
  await query(
    project.databases.targetAdmin,
    `set role etl_target; ${made}; reset role; ${denied.join('')}; ${admin}`,
  );
  before = await project.target(MARKS);
  const { code: ended, output } = await project.spawn(['--json'], 'check').ended;
  code = ended;
  after = await project.target(MARKS);
  report = JSON.parse(output) as typeof report;
});

afterAll(() => project.drop());

async function lineOf(file: string, text: string): Promise<number> {
  const lines = (await readFile(path.join(project.folder, file), 'utf8')).split('\n');
  return lines.findIndex((line) => line.includes(text)) + 1;
}

const fileOf = (name: string): string => (name.includes('.') ? name : `${name}.yaml`);

async function isThat(found: Finding, [wanted, severity, file, text, rows, key]: Expected): Promise<boolean> {
  if (found.code !== wanted || found.severity !== severity || (found.rows?.count ?? null) !== rows)
    return false;
  const at = found.at !== null && path.basename(found.at.file) === fileOf(file);
  if (!at || found.at.line !== (await lineOf(fileOf(file), text))) return false;
  return key === undefined || found.samples.some((sample) => sample.key === key);
}

const named = EXPECTED.map((wanted) => ({ wanted, name: wanted.join(' ') }));

test.each(named)('$name', async ({ wanted }) => {
  const hits = await Promise.all(report.findings.map((found) => isThat(found, wanted)));
  const same = report.findings.filter(({ code: other }) => other === wanted[0]);
  expect(hits.filter(Boolean), JSON.stringify(same, null, 1)).toHaveLength(1);
});

test('each says what to do, and nothing else is found but what hangs on these', async () => {
  expect(report.findings.filter(({ help }) => help === null || help === '')).toEqual([]);
  const others: string[] = [];
  for (const found of report.findings) {
    const known = await Promise.all(EXPECTED.map((wanted) => isThat(found, wanted)));
    if (!known.includes(true)) others.push(`${found.severity} ${found.code} ${found.subject}`);
  }
  expect(others.sort()).toEqual([
    'error ETL-CHECK-057 mapping labels',
    'error ETL-CHECK-057 mapping seals',
    'note ETL-CHECK-036 mapping labels',
    'note ETL-CHECK-036 mapping marks',
    'warning ETL-CHECK-028 mapping locked',
  ]);
});

test('not ready is exit 5; nothing was written', () => {
  expect({ code, grade: report.grade, exit: report.exit_code }).toEqual({
    code: 5,
    grade: 'not ready',
    exit: 5,
  });
  expect(after).toEqual(before);
});

test('the mappings that could not be looked at say why, the others have their figures', () => {
  const summary = (name: string) => report.mappings.find(({ mapping }) => mapping === name);
  expect(summary('products')?.unexamined).toBe('it does not fit the databases');
  const { rows, read, loadable, rejected, columns } = summary('customers') ?? { columns: [] };
  expect({ rows, read, loadable, rejected }).toEqual({ rows: 103, read: 103, loadable: 75, rejected: 28 });
  expect(columns.find(({ column }) => column === 'name')).toMatchObject({
    nulls: 2,
    shortest: 4,
    longest: 41,
  });
});
