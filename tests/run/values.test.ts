import { describe, expect, it } from 'vitest';
import { accountingFaults, countsOf, mappingOf, withProject } from '../support/project.js';

const LOAD =
  'source: { table: item, key: id }\ntarget: { table: thing, key: id }\ncolumns: { "*": same_name }\nmax_rejects: 100%';
/** The same, by way of the row program: every value decoded and written anew. */
const PROGRAM = LOAD.replace(
  '"*": same_name',
  'id: id, v: { from: v, steps: [{ null_if: "no such value" }] }',
);

describe('values arrive as they are', () => {
  it.for([
    ['copied', LOAD],
    ['made', PROGRAM],
  ] as const)('text that COPY and JSON could misread, %s', ([, mapping]) =>
    withProject(
      {
        source: `create table item (id int primary key, v text);
          insert into item values (1, E'a\\tb'), (2, E'a\\nb'), (3, E'\\\\.'), (4, E'\\\\N'), (5, ''), (6, null), (7, E'\\\\\\\\N'), (8, E'\\r\\n'),
            (9, '😀 ä 漢 e\u0301'), (10, E'\\x01\\x7f\\x1f\\b\\f\\x0b'), (11, E'\\\\'), (12, ' '), (13, '{"a":1}'), (14, 'null'), (15, E'\\\\x41'), (16, E'\\\\101'),
            (17, repeat('long ä', 50)), (18, E'\\u2028\\u0085\\uFEFF'), (19, $$'"; drop table thing; --$$), (20, 'no such'), (21, E'x\\\\'), (22, E'\\t');
          insert into item select 100 + i, chr(i) || 'x' || chr(i) from generate_series(1, 300) i`,
        target: 'create table thing (id int primary key, v text)',
        mappings: { item: mapping },
        settings: 'defaults: { batch_rows: 50 }',
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'item')).toBe('read 322, inserted 322');
        const sql = (table: string): string =>
          `select id, v, encode(convert_to(v, 'UTF8'), 'hex') hex from ${table} order by id`;
        expect(await project.target(sql('thing'))).toEqual(await project.source(sql('item')));
        expect(countsOf(await project.run(), 'item')).toBe('read 322, unchanged 322');
      },
    ),
  );

  it('a reject keeps the row exactly, whatever is in it', () =>
    withProject(
      {
        source: `create table item (id text primary key, v text, n int); insert into item values (E'k\\t1', E'a\\tb\\n\\\\N "😀" \\x01', 9), (E'\\\\N', null, 9), ('', '', 9)`,
        target: 'create table thing (id text primary key, v text, n int check (n < 5))',
        mappings: { item: LOAD },
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'item')).toBe('read 3, rejected 3');
        const rows = await project.target(
          'select source_key, "row" from etl.rejects order by source_key collate "C"',
        );
        expect(rows).toEqual([
          { source_key: '', row: { id: '', v: '', n: '9' } },
          { source_key: '\\N', row: { id: '\\N', v: null, n: '9' } },
          { source_key: 'k\t1', row: { id: 'k\t1', v: 'a\tb\n\\N "😀" \x01', n: '9' } },
        ]);
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ));

  it('U+0000 and lone surrogates that a step makes are rejects', () =>
    withProject(
      {
        source: `create table item (id int primary key, v text); insert into item values (1, '{"a":"x\\u0000y"}'), (2, '{"a":"\\ud800"}'), (3, '{"a":"\\ud83d\\ude00"}')`,
        target: 'create table thing (id int primary key, v text)',
        mappings: {
          item: LOAD.replace('"*": same_name', 'id: id, v: { from: v, steps: [{ json_get: a }] }'),
        },
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'item')).toBe('read 3, inserted 1, rejected 2');
        expect(await project.target('select v from thing')).toEqual([{ v: '😀' }]);
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ));

  it.for([
    ['numeric(38,10)', "'9999999999999999999999999999.9999999999', '-0.0000000001', 'NaN', '0'"],
    [
      'numeric',
      "'NaN', 'Infinity', '-Infinity', '1e400', '1e-400', '0.00000', '123456789012345678901234567890.123456789'",
    ],
    ['int8', "'9223372036854775807', '-9223372036854775808', '9007199254740993'"],
    ['float8', "'1e308', '5e-324', '0.1', 'NaN', 'Infinity', '-0'"],
    [
      'timestamp',
      "'2020-01-01 23:59:59.999999', 'infinity', '0044-03-15 BC', '294276-12-31 23:59:59.999999'",
    ],
    ['timestamptz', "'2020-06-01 00:00:00.000001+14', '-infinity', '4713-01-01 BC'"],
    ['date', "'5874897-12-31', '4713-01-01 BC', 'infinity', '0001-01-01'"],
    ['jsonb', `'{"n": 12345678901234567890.10, "big": 1e100}', '"\\\\u00e9"'`],
    ['interval', "'178000000 years', '-1 day +02:03:04.000005'"],
    ['uuid', "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"],
  ] as const)('%s, copied and made', ([type, values]) => {
    const table = (name: string): string => `create table ${name} (id int primary key, v ${type});`;
    return withProject(
      {
        source:
          table('item') +
          ` insert into item select row_number() over (), v::${type} from unnest(array[${values}]) v`,
        target: table('thing') + table('made'),
        mappings: {
          item: LOAD,
          made: LOAD.replace('"*": same_name', 'id: id, v: { from: v, default: null }').replace(
            'thing',
            'made',
          ),
        },
      },
      async (project) => {
        const result = await project.run();
        expect(result.mappings.map((m) => m.rejected)).toEqual([0, 0]);
        const sql = (name: string): string => `select id, v::text from ${name} order by id`;
        const wanted = await project.source(sql('item'));
        expect(await project.target(sql('thing'))).toEqual(wanted);
        expect(await project.target(sql('made'))).toEqual(wanted);
        const again = await project.run();
        expect(again.mappings.map((m) => m.updated)).toEqual([0, 0]);
      },
    );
  });
});

describe('names', () => {
  const NAMES = [
    'a"b; DROP TABLE x; --',
    '__proto__',
    'constructor',
    'Größe',
    'with space',
    'x'.repeat(63),
    'UPPER',
    "quo'te",
    'select',
    'back\\slash',
    'tab\there',
    '$1',
    '%I',
  ];

  it('of tables, columns, sequences and keys are quoted everywhere', () => {
    const q = (name: string): string => `"${name.replaceAll('"', '""')}"`;
    const y = (name: string): string => JSON.stringify(name);
    const fresh = (name: string): string => (name.length > 60 ? name : `${name}_`);
    return withProject(
      {
        source: NAMES.map(
          (n) =>
            `create table ${q(n)} (${q(n)} int primary key, "up ""1""" int, ${q(fresh(n) + 'v')} text); insert into ${q(n)} values (1, 3, 'a'), (2, 9, 'b'), (3, null, 'bad');`,
        )
          .join('\n')
          .replaceAll(`${'x'.repeat(63)}v`, 'xv'),
        target: NAMES.map(
          (n) =>
            `create table ${q(n)} (id int generated always as identity primary key, ${q(n)} int unique, up int references ${q(n)}, v text check (v <> 'bad'));`,
        ).join('\n'),
        mappings: Object.fromEntries(
          NAMES.map((n, at) => [
            `m${String(at)}`,
            `source: { table: ${y(n)}, key: ${y(n)}, skip_when: { ${y(n)}: ${y(`${q(n)} = 99`)} } }
target: { table: ${y(n)}, key: ${y(n)}, identity: id }
columns:
  ${y(n)}: ${y(n)}
  up: { from: 'up "1"', references: m${String(at)}, missing: null }
  v: { from: ${y((fresh(n) + 'v').replace(`${'x'.repeat(63)}v`, 'xv'))}, steps: [trim] }
max_rejects: 100%`,
          ]),
        ),
      },
      async (project) => {
        const result = await project.run();
        expect(result.mappings.map((m) => [m.mapping, m.status, m.inserted, m.rejected])).toEqual(
          result.mappings.map((m) => [m.mapping, 'succeeded', 2, 1]),
        );
        expect(await accountingFaults(project, result)).toEqual([]);
        const again = await project.run();
        expect(again.mappings.map((m) => m.unchanged)).toEqual(NAMES.map(() => 2));
      },
    );
  });
});

describe('sizes', () => {
  it('values of 1 MB and 30 MB, and rows that are rejected with them', () =>
    withProject(
      {
        source: `create table item (id int primary key, v text, n int); insert into item select i, repeat(md5(i::text), 32768), 1 from generate_series(1, 20) i;
          insert into item values (21, repeat('0123456789', 3000000), 1), (22, repeat('ä', 1000000), 9)`,
        target: 'create table thing (id int primary key, v text, n int check (n < 5))',
        mappings: { item: LOAD },
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'item')).toBe('read 22, inserted 21, rejected 1');
        expect(await accountingFaults(project, result)).toEqual([]);
        const sql = (name: string): string => `select id, md5(v) from ${name} where id <> 22 order by id`;
        expect(await project.target(sql('thing'))).toEqual(await project.source(sql('item')));
      },
    ));

  it('1,000 columns, empty tables, tables of a key alone, and of nothing but what the target makes', () => {
    const columns = Array.from({ length: 999 }, (_, n) => `c${String(n)} int`).join(', ');
    const values = Array.from({ length: 999 }, (_, n) => `i + ${String(n)}`).join(', ');
    return withProject(
      {
        source: `create table wide (id int primary key, ${columns}); insert into wide select i, ${values} from generate_series(1, 30) i;
          create table none (id int primary key, v text); create table keys (id int primary key); insert into keys select generate_series(1, 30)`,
        target: `create table wide (id int primary key, ${columns}); create table none (id int primary key, v text); create table keys (id int primary key);
          create table made (id int generated always as identity primary key, at timestamptz default now())`,
        mappings: {
          ...Object.fromEntries(
            ['wide', 'none', 'keys'].map((t) => [
              t,
              `source: { table: ${t}, key: id }\ntarget: { table: ${t}, key: id }\ncolumns: { "*": same_name }`,
            ]),
          ),
          made: 'source: { table: keys, key: id }\ntarget: { table: made, identity: id }\ncolumns: {}',
        },
        settings: 'defaults: { batch_rows: 7 }',
      },
      async (project) => {
        const result = await project.run();
        expect(['wide', 'none', 'keys', 'made'].map((t) => countsOf(result, t))).toEqual([
          'read 30, inserted 30',
          '',
          'read 30, inserted 30',
          'read 30, inserted 30',
        ]);
        await project.source('update wide set c998 = -1 where id = 5');
        const again = await project.run();
        expect(['wide', 'none', 'keys', 'made'].map((t) => countsOf(again, t))).toEqual([
          'read 30, updated 1, unchanged 29',
          '',
          'read 30, unchanged 30',
          'read 30, unchanged 30',
        ]);
        expect(mappingOf(again, 'none').status).toBe('succeeded');
        const [row] = await project.target('select sum(c998)::int s from wide');
        expect(row).toEqual((await project.source('select sum(c998)::int s from wide'))[0]);
      },
    );
  });
});
