import { expect, it } from 'vitest';
import { accountingFaults, mappingOf, withProject } from '../support/project.js';

/** Every form of the step table of the mapping language's page: target type, the source's SQL, the column, the row. */
const FORMS: readonly (readonly [type: string, sql: string, column: string, gives: unknown])[] = [
  ['text', `E' a\\u00a0'`, '{ from: $, steps: [trim] }', 'a'],
  ['text', `'ÀB'`, '{ from: $, steps: [lower] }', 'àb'],
  ['text', `'àb'`, '{ from: $, steps: [upper] }', 'ÀB'],
  ['text', `'ada LOVE'`, '{ from: $, steps: [title_case] }', 'Ada Love'],
  ['text', `E'a \\n b'`, '{ from: $, steps: [collapse_whitespace] }', 'a b'],
  ['text', `'<i>a</i> &amp; b'`, '{ from: $, steps: [strip_html, decode_html] }', 'a & b'],
  ['text', `'Ça va?'`, '{ from: $, steps: [slug] }', 'ca-va'],
  ['text', `'ab'`, '{ from: $, steps: [remove_nul] }', 'ab'],
  ['text', `''`, '{ from: $, steps: [empty_to_null] }', null],
  ['date', `'0000-00-00'`, '{ from: $, steps: [zero_date_to_null, { parse_date: YYYY-MM-DD }] }', null],
  ['jsonb', `'{"a":[1]}'`, '{ from: $, steps: [json_parse] }', { a: [1] }],
  ['text', `'Ada@Example.ORG'`, '{ from: $, steps: [email] }', 'Ada@example.org'],
  ['varchar(2)', `'👍🏽x'`, '{ from: $, steps: [{ truncate: 2 }] }', '👍🏽'],
  ['text', `'abcdef'`, '{ from: $, steps: [{ substring: { start: 2, length: 3 } }] }', 'bcd'],
  ['text', `'7'`, '{ from: $, steps: [{ pad: { length: 3, with: "0", side: left } }] }', '007'],
  ['text', `'7'`, '{ from: $, steps: [{ pad: { length: 3, with: x, side: right } }] }', '7xx'],
  ['text', `'a.a'`, '{ from: $, steps: [{ replace: { from: a, to: b } }] }', 'b.b'],
  ['text', `'x1y22'`, '{ from: $, steps: [{ regex_replace: { match: "([0-9]+)", with: "<$1>" } }] }', 'x<1>y<22>'],
  ['text', `'p?q?r'`, '{ from: $, steps: [{ split: { on: "?", part: 1 } }] }', 'p'],
  ['text', `'p?q?r'`, '{ from: $, steps: [{ split: { on: "?", part: -1 } }] }', 'r'],
  ['text', `'Ada'`, '{ from: [$, nothing, two], steps: [{ join: " " }] }', 'Ada two'],
  ['text', `'Ada'`, '{ from: [nothing, $], steps: [coalesce, { concat: [" (", ")"] }] }', ' (Ada)'],
  ['text', `'-'`, '{ from: $, steps: [{ null_if: "-" }] }', null],
  ['text', `'n/a'`, '{ from: $, steps: [{ null_if: ["-", n/a] }], default: "" }', ''],
  ['boolean', `'no'`, '{ from: $, steps: [boolean] }', false],
  ['boolean', `null::text`, '{ from: $, steps: [boolean], default: false }', false],
  ['boolean', `'1'`, '{ from: $, steps: [{ boolean: { true: [Y, 1], false: [N, 0] } }] }', true],
  ['numeric', `' 012.50 '`, '{ from: $, steps: [number] }', '12.5'],
  [
    'numeric',
    `'(1.234,50 €)'`,
    '{ from: $, steps: [{ number: { decimal: ",", group: ".", currency: "€", negative: parentheses } }] }',
    '-1234.5',
  ],
  ['numeric(9,2)', `1.005::numeric`, '{ from: $, steps: [{ round: 2 }] }', '1.01'],
  ['int', `'19.99'`, '{ from: $, steps: [number, { scale: 100 }, { round: 0 }] }', 1999],
  ['int', `null::int`, '{ from: $, default: 0 }', 0],
  ['date', `'29.02.2020'`, '{ from: $, steps: [{ parse_date: "DD.MM.YYYY" }, { format_date: YYYY-MM-DD }, { parse_date: YYYY-MM-DD }] }', '2020-02-29'],
  ['text', `date '2020-02-29'`, '{ from: $, steps: [{ format_date: YYYY-MM }] }', '2020-02'],
  ['timestamptz', `timestamp '2020-03-08 12:00'`, '{ from: $, steps: [{ timezone: America/New_York }] }', '2020-03-08 16:00:00+00'],
  ['timestamptz', `timestamp '2020-03-08 02:30'`, '{ from: $, steps: [{ timezone: { zone: America/New_York, gap: after, overlap: first } }] }', '2020-03-08 07:30:00+00'],
  ['timestamptz', `timestamp '2020-11-01 01:30'`, '{ from: $, steps: [{ timezone: { zone: America/New_York, gap: after, overlap: first } }] }', '2020-11-01 05:30:00+00'],
  ['timestamptz', `1500::bigint`, '{ from: $, steps: [{ epoch: milliseconds }] }', '1970-01-01 00:00:01.5+00'],
  ['text', `'{"a":{"b":[7.50]}}'`, '{ from: $, steps: [{ json_get: "a.b[0]" }] }', '7.50'],
  ['text', `'{"a.b":1}'::jsonb`, `{ from: $, steps: [{ json_get: '["a.b"]' }] }`, '1'],
  ['text', `'abc'`, '{ from: $, steps: [{ hash: md5 }] }', '900150983cd24fb0d6963f7d28e17f72'],
  ['uuid', `'www.example.com'`, '{ from: $, steps: [{ uuid5: dns }] }', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
  ['uuid', `'www.example.com'`, '{ from: $, steps: [{ uuid3: dns }] }', '5df41881-3aed-3515-88a7-2f4a814cf09e'],
  ['text', `'(212) 555-0123'`, '{ from: $, steps: [{ phone: US }] }', '+12125550123'],
  // Resolvers: the order origin, steps, resolver, default; 0, false and null as keys and values.
  ['text', `'n'`, '{ from: $, steps: [upper], map: { N: new, P: pending } }', 'new'],
  ['boolean', `0`, '{ from: $, map: { 0: false, 1: true } }', false],
  ['text', `'x'`, '{ from: $, map: { x: null }, default: d }', 'd'],
  ['text', `1.0::numeric`, '{ from: $, map: { 1: one } }', 'one'],
  ['text', `true`, '{ from: $, map: { true: "yes", false: "no" } }', 'yes'],
  ['text', `'a.b'`, '{ from: $, map: { a.b: dotted, a: plain } }', 'dotted'],
  ['text', `'?'`, '{ from: $, map: { N: new }, unmapped: keep }', '?'],
  ['text', `'?'`, '{ from: $, map: { N: new }, unmapped: null }', null],
  ['text', `'?'`, '{ from: $, map: { N: new }, unmapped: { value: other } }', 'other'],
  ['text', `''`, '{ from: $, map: { "": blank } }', 'blank'],
  ['text', `'NY'`, '{ from: $, lookup: states }', 'New York, "the" state\r\nof it'],
  ['text', `'E'`, '{ from: $, lookup: states }', ''],
  ['text', `'??'`, '{ from: $, lookup: states, missing: null }', null],
  ['text', `'??'`, '{ from: $, lookup: states, default: none }', 'none'],
  ['text', `7`, '{ from: $, lookup: { values: { 7: seven } } }', 'seven'],
  ['text', `'2'`, '{ from: $, lookup: { table: kinds, key: id, value: name } }', 'two'],
  ['text', `2`, '{ from: $, lookup: { connection: target, query: "select k, v from codes", key: k, value: v } }', 'zwei'],
]; // prettier-ignore

/** Columns that reject their row, each in a mapping row of its own: what the row says, and the rule. */
const REFUSED: readonly (readonly [sql: string, column: string, rule: string])[] = [
  [`'?'`, '{ from: $, map: { N: new } }', 'map'],
  [`'?'`, '{ from: $, map: { N: new }, unmapped: reject }', 'map'],
  [`'??'`, '{ from: $, lookup: states }', 'lookup'],
  [`'??'`, '{ from: $, lookup: states, missing: reject, default: d }', 'lookup'],
  [`'12'`, '{ from: $, steps: [{ phone: US }] }', 'phone'],
  [`'1,23,4'`, '{ from: $, steps: [{ number: { group: "," } }] }', 'number'],
  [`'00.01.2020'`, '{ from: $, steps: [{ parse_date: "DD.MM.YYYY" }, { format_date: YYYY }] }', 'parse_date'],
  [`timestamp '2020-03-08 02:30'`, '{ from: $, steps: [{ timezone: America/New_York }, { hash: md5 }] }', 'timezone'],
]; // prettier-ignore

it('every form of the step table, of map and of lookup gives the row that the page promises', async () => {
  const names = FORMS.map((_, n) => `c${String(n)}`);
  const refused = REFUSED.map((_, n) => `r${String(n)}`);
  const named = (text: string, name: string): string => text.replace('$', name);
  const mapping = [
    'source:',
    '  key: id',
    '  query: |',
    `    select 1 as id, null::text as nothing, 'two' as two, ${FORMS.map(([, sql], n) => `${sql} as ${names[n] ?? ''}`).join(', ')}`,
    'target: { table: forms, key: id }',
    'lookups:',
    '  states: { file: lookups/states.csv, key: code, value: name }',
    'columns:',
    '  id: id',
    ...FORMS.map(([, , column], n) => `  ${names[n] ?? ''}: ${named(column, names[n] ?? '')}`),
  ];
  const one = (n: number): string =>
    [
      'max_rejects: 100%',
      'stop_at: 100%',
      `source: { key: id, query: "select 1 as id, ${(REFUSED[n]?.[0] ?? '').replaceAll('"', '\\"')} as v" }`,
      `target: { table: ${refused[n] ?? ''}, key: id }`,
      'lookups: { states: { file: lookups/states.csv, key: code, value: name } }',
      `columns: { id: id, v: ${named(REFUSED[n]?.[1] ?? '', 'v')} }`,
    ].join('\n');
  const files = {
    source: `create table kinds (id int, name text); insert into kinds values (2, 'two')`,
    target: [
      `create table codes (k int, v text); insert into codes values (2, 'zwei');`,
      `create table forms (id int primary key, ${FORMS.map(([type], n) => `${names[n] ?? ''} ${type}`).join(', ')});`,
      ...refused.map((name) => `create table ${name} (id int primary key, v text);`),
    ].join('\n'),
    mappings: {
      forms: mapping.join('\n'),
      ...Object.fromEntries(refused.map((name, n) => [name, one(n)])),
      'lookups/states.csv': '\ufeffcode,name\r\nNY,"New York, ""the"" state\r\nof it"\r\nE,\r\n',
    },
  };
  await withProject(files, async (project) => {
    const result = await project.run();
    expect(await accountingFaults(project, result)).toEqual([]);
    expect(mappingOf(result, 'forms').rejects).toEqual([]);
    const shown = names.map((name, n) =>
      /^(date|timestamptz|numeric)/.test(FORMS[n]?.[0] ?? '') ? `${name}::text` : name,
    );
    const [row] = await project.target(`select ${shown.join(', ')} from forms`);
    const found = FORMS.map(([, sql, column], n) => [sql, column, row?.[names[n] ?? '']]);
    expect(found).toEqual(FORMS.map(([, sql, column, gives]) => [sql, column, gives]));
    const rules = refused.map((name) => mappingOf(result, name).rejects.map(({ rule }) => rule));
    expect(rules).toEqual(REFUSED.map(([, , rule]) => [rule]));
  });
});
