import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBinder, type Binder } from './bind.js';

const NUMBERS = Array.from({ length: 40 }, (_, n) => String(n + 1).padStart(2, '0'));

let binder: Binder;
beforeAll(async () => {
  binder = await openBinder({
    source: NUMBERS.map(
      (n) => `create table old_${n} (id int primary key, name text, n${n} numeric(9,2));`,
    ).join('\n'),
    target: NUMBERS.map(
      (n) =>
        `create table new_${n} (id int primary key, name text not null, n numeric(9,2), up text,
           before int ${n === '01' ? '' : `references new_${String(Number(n) - 1).padStart(2, '0')}`});`,
    ).join('\n'),
  });
});
afterAll(() => binder.close());

const mapping = (n: string): string =>
  [
    `source: { table: old_${n}, key: id, skip_when: { negative: "n${n} < 0" } }`,
    `target: { table: new_${n}, key: id }`,
    'columns:',
    '  id: id',
    '  name: name',
    `  n: n${n}`,
    '  up: { sql: upper(name) }',
    '',
  ].join('\n');

const project = (edits: Readonly<Record<string, readonly (readonly [string, string])[]>> = {}) =>
  Object.fromEntries(
    NUMBERS.map((n) => {
      const text = (edits[n] ?? []).reduce((all, [from, to]) => all.replace(from, to), mapping(n));
      return [`m${n}`, text];
    }),
  );

it('each mapping is bound to its own tables', async () => {
  const { project: bound, problems } = await binder.bind(project());
  expect(problems).toEqual([]);
  expect(bound?.mappings.map(({ mapping: { name } }) => name)).toEqual(NUMBERS.map((n) => `m${n}`));
  for (const { mapping: own, table, fields, key, columns } of bound?.mappings ?? []) {
    const n = own.name.slice(1);
    expect(table).toMatchObject({ name: `new_${n}`, primaryKey: ['id'], uniques: [['id']] });
    const before = String(Number(n) - 1).padStart(2, '0');
    expect(table.foreignKeys.map((f) => f.table.name)).toEqual(n === '01' ? [] : [`new_${before}`]);
    expect(table.columns.map((c) => c.type.display)).toEqual([
      'integer',
      'text',
      'numeric(9,2)',
      'text',
      'integer',
    ]);
    expect(fields.map((field) => `${field.sql.replaceAll('\n', '')} ${field.type.display}`)).toEqual([
      'q."id" integer',
      `(case when (n${n} < 0) then 1 end) boolean`,
      'q."name" text',
      `q."n${n}" numeric(9,2)`,
      '(upper(name)) text',
    ]);
    expect([key, columns.map((c) => c.column.name)]).toEqual([[0], ['id', 'name', 'n', 'up']]);
  }
});

it('mistakes in several are told at once, in the order of the mappings', async () => {
  const { project: bound, problems } = await binder.bind(
    project({
      '03': [['old_03', 'old_3']],
      '07': [
        ['n07 < 0', 'no07 < 0'],
        ['upper(name)', 'upper(nam)'],
        ['new_07', 'new_7'],
      ],
      '08': [['n08 < 0', 'n08']],
      '11': [['table: old_11', 'query: "select * from old_11 where idd > 1"']],
      '12': [['table: new_12', 'table: new12']],
      '25': [['table: old_25, ', 'table: old_25, where: "idd > 1", ']],
      '31': [['  name: name', '  name: nmae']],
      '40': [['upper(name)', 'uper(name)']],
    }),
  );
  expect(bound).toBeNull();
  expect(problems.map((problem) => problem.replace(/ \| .*/, ''))).toEqual([
    'ETL-BIND-001 m03.yaml:1:18+5 the source has no table "old_3"',
    'ETL-BIND-002 m07.yaml:7:20+3 the source refuses this SQL: column "nam" does not exist',
    'ETL-BIND-002 m07.yaml:1:59+4 the source refuses this SQL: column "no07" does not exist',
    'ETL-BIND-004 m07.yaml:2:18+5 the target has no table "new_7"',
    'ETL-BIND-002 m08.yaml:1:59+3 a condition is true or false, this is numeric(9,2)',
    'ETL-BIND-002 m11.yaml:1:46+3 the source refuses this SQL: column "idd" does not exist',
    'ETL-BIND-004 m12.yaml:2:18+5 the target has no table "new12"',
    'ETL-BIND-002 m25.yaml:1:34+3 the source refuses this SQL: column "idd" does not exist',
    'ETL-BIND-002 m40.yaml:7:14+4 the source refuses this SQL: function uper(text) does not exist',
    'ETL-BIND-003 m31.yaml:5:9+4 the source has no column "nmae"',
  ]);
});
