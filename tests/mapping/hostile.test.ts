import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BASE, load, write } from './project.js';

const many = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join('');
const bomb = many(
  20,
  (i) => `a${String(i)}: &a${String(i)} [${i === 0 ? 'x' : `*a${String(i - 1)}, *a${String(i - 1)}`}]\n`,
);

test.each([
  ['a file over 256 KB', `description: ${'x'.repeat(300_000)}`, 'ETL-YAML-003'],
  ['deep flow lists', '['.repeat(200_000), 'ETL-YAML-005'],
  ['deep flow maps', 'a: {'.repeat(50_000), 'ETL-YAML-005'],
  ['deep block lists', '- '.repeat(100_000), 'ETL-YAML-005'],
  ['an alias bomb', bomb, 'ETL-YAML-005'],
  ['another YAML version', '%YAML 1.1\n---\nphase: no\n', 'ETL-YAML-004'],
])('%s is refused at once', async (_name, text, code) => {
  const before = process.cpuUsage();
  const { problems } = await load({ ...BASE, 'x.yaml': text });
  expect(problems.map((problem) => problem.code)).toContain(code);
  expect(problems.every((problem) => problem.at?.file === 'mappings/x.yaml')).toBe(true);
  // Of the processor, not of the clock: what the machine does besides is no matter.
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(1);
});

const SOURCE = 'source: { table: t, key: a }\n';
const TARGET = 'target: { table: t, key: c }\n';
const column = (spec: string) => `${SOURCE}${TARGET}columns:\n  c: a\n  ${spec}\n`;
const query = (sql: string) => `source:\n  key: a\n  query: ${sql}\n${TARGET}columns: { c: a }\n`;
const ETL = BASE['etl.yaml'] ?? '';

/** What is refused with the line of the very thing (reliability.md, cases 23 and 24). */
test.each([
  ['a tag of JavaScript', 'x.yaml', column('d: { value: !!js/function "() => 1" }'), 'ETL-YAML-004', 5],
  ['a binary tag', 'x.yaml', column('d: { value: !!binary aGk= }'), 'ETL-YAML-004', 5],
  [
    'a query out of the folder',
    'x.yaml',
    `source: { query_file: ../../x.sql, key: a }\n${TARGET}columns: { c: a }\n`,
    'ETL-FILE-001',
    1,
  ],
  [
    'an absolute path',
    'x.yaml',
    `source: { query_file: /etc/passwd, key: a }\n${TARGET}columns: { c: a }\n`,
    'ETL-FILE-001',
    1,
  ],
  [
    'a look-up out of the folder',
    'x.yaml',
    column('d: { from: a, lookup: { file: ../../x.csv, key: a, value: b } }'),
    'ETL-FILE-001',
    5,
  ],
  [
    'embedded SQL out of the folder',
    'etl.yaml',
    `${ETL}embedded: { source: ../../s.sql, target: t.sql }\n`,
    'ETL-FILE-001',
    6,
  ],
  ['a name of 64 bytes', 'x.yaml', column(`${'é'.repeat(32)}: a`), 'ETL-LANG-011', 5],
  ['a source name of 64 bytes', 'x.yaml', column(`d: ${'n'.repeat(64)}`), 'ETL-LANG-011', 5],
  ['__proto__ as a key', 'x.yaml', `${column('d: a')}__proto__: { a: 1 }\n`, 'ETL-LANG-001', 6],
  ['constructor as a step', 'x.yaml', column('d: { from: a, steps: [constructor] }'), 'ETL-STEP-001', 5],
  ['toString as a rule', 'x.yaml', `${column('d: a')}rules:\n  - toString: [d]\n`, 'ETL-RULE-001', 7],
  ['__proto__ as a word', 'x.yaml', `${column('d: a')}deleted_rows: __proto__\n`, 'ETL-LANG-004', 6],
  ['10,000 brackets of SQL', 'x.yaml', query(`select ${'('.repeat(20_000)}1`), 'ETL-SQL-001', 3],
  ['50,000 operators of SQL', 'x.yaml', query(`select ${'1+'.repeat(50_000)}1 as a`), 'ETL-SQL-001', 3],
  [
    'SQL that ends its brackets',
    'x.yaml',
    column('d: { sql: "a) from t; drop table t; select (1" }'),
    'ETL-SQL-002',
    5,
  ],
  ['SQL with a NUL', 'x.yaml', column('d: { sql: "a\\0b" }'), 'ETL-SQL-001', 5],
])('%s is refused with its line', async (_name, file, text, code, line) => {
  const { problems } = await load({ ...BASE, [file]: text });
  const places = problems.map(
    (problem) => `${problem.code} ${problem.at?.file ?? ''}:${String(problem.at?.line)}`,
  );
  expect(places).toContain(`${code} mappings/${file}:${String(line)}`);
  expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
});

test('whole numbers beyond 2^53 keep their digits', async () => {
  const { project, problems } = await load({
    ...BASE,
    'x.yaml': column(
      'd: { from: a, map: { 9007199254740993: 1 }, unmapped: { value: 123456789012345678901234567890 } }',
    ),
  });
  expect(problems).toEqual([]);
  const resolver = project?.mappings.find(({ name }) => name === 'x')?.columns[1]?.resolver;
  expect(resolver).toMatchObject({
    entries: [{ key: { type: 'number', text: '9007199254740993' } }],
    unmapped: { value: { type: 'number', text: '123456789012345678901234567890' } },
  });
});

test('a query file over 256 KB is refused, not read', async () => {
  const { problems } = await load({
    ...BASE,
    'x.yaml': `source: { query_file: q.sql, key: a }\n${TARGET}columns: { c: a }\n`,
    'q.sql': `select ${'1,'.repeat(200_000)} 1 as a`,
  });
  expect(problems.map(({ code, at }) => `${code} ${String(at?.line)}`)).toEqual(['ETL-YAML-003 1']);
});

// What compares each with every other would run into the time-out of the test.
test('20,000 columns', async () => {
  const columns = many(20_000, (i) => `  c${String(i)}: a\n`);
  const text = `source: { table: t, key: a }\ntarget: { table: t, key: c1 }\ncolumns:\n${columns}`;
  const { project, problems } = await load({ ...BASE, 'x.yaml': text });
  expect(problems).toEqual([]);
  expect(project?.mappings[1]?.columns).toHaveLength(20_000);
});

test('bytes that are no UTF-8', async () => {
  const cwd = write(BASE);
  writeFileSync(join(cwd, 'mappings', 'x.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xff]));
  const { problems } = await load(BASE, { cwd });
  expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'ETL-FILE-002 the file cannot be read: it is not UTF-8 text',
  ]);
});

test('a link out of the folder is refused', async () => {
  const text = 'source: { query_file: sql/t.sql, key: a }\ntarget: { table: t, key: k }\ncolumns: { k: a }\n';
  const cwd = write({ ...BASE, 'x.yaml': text });
  writeFileSync(join(cwd, 'secret.sql'), 'select 1');
  mkdirSync(join(cwd, 'mappings', 'sql'));
  symlinkSync(join(cwd, 'secret.sql'), join(cwd, 'mappings', 'sql', 't.sql'));
  const { problems } = await load({}, { cwd });
  expect(problems.map(({ code }) => code)).toEqual(['ETL-FILE-001']);
});

test.each([
  ['a folder without etl.yaml', true, 'mappings/etl.yaml'],
  ['no folder', false, '"mappings"'],
])('%s says what to do', async (_name, made, says) => {
  const cwd = mkdtempSync(join(tmpdir(), 'crosswalk-mapping-'));
  if (made) mkdirSync(join(cwd, 'mappings'));
  const { project, problems } = await load({}, { cwd });
  expect(project).toBeNull();
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ code: 'ETL-LANG-009', severity: 'error' });
  expect(problems[0]?.message).toContain(says);
  expect(problems[0]?.help).toContain('name the folder that holds etl.yaml');
});

test('a project without a mapping', async () => {
  const { 'etl.yaml': etl = '' } = BASE;
  const { problems } = await load({ 'etl.yaml': etl });
  expect(problems.map(({ code }) => code)).toEqual(['ETL-LANG-018']);
});

test('all problems of all files come at once, by file and line', async () => {
  const bad = 'sorce: 1\nsource: { table: t, key: id, kee: 1 }\ntarget: { table: 5 }\ncolumns: { a: [1] }\n';
  const { problems } = await load({
    ...BASE,
    'b.yaml': bad,
    'a.yaml': 'phase: [',
    'etl.yaml': 'version: 1\n',
  });
  const places = problems.map(({ code, at }) => `${at?.file ?? ''}:${String(at?.line)} ${code}`);
  expect(places).toEqual([
    'mappings/a.yaml:1 ETL-YAML-001',
    'mappings/b.yaml:1 ETL-LANG-001',
    'mappings/b.yaml:2 ETL-LANG-001',
    'mappings/b.yaml:3 ETL-LANG-003',
    'mappings/b.yaml:4 ETL-LANG-003',
    'mappings/etl.yaml:1 ETL-LANG-002',
    'mappings/etl.yaml:1 ETL-LANG-002',
    'mappings/etl.yaml:1 ETL-LANG-002',
  ]);
});
