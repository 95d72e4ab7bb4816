import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHANGE_TABLE, ruleOf } from '../../engine/diff/table/index.js';
import type { Shape } from '../../engine/mapping/shape.js';
import { ETL } from '../../engine/mapping/spec/etl.js';
import { EXCEPTIONS } from '../../engine/mapping/spec/exceptions.js';
import { MAPPING } from '../../engine/mapping/spec/mapping.js';
import { Edited, inRounds, temporaryRoot, writeFiles } from './sides.js';

const ETL_YAML = `version: 1
project: trial
connections:
  source: { url: '\${SOURCE}', password_file: a.txt, ssl: require, ca: a.pem, search_path: [public] }
  target: { url: '\${TARGET}', password_command: [cat, b.txt] }
embedded: { source: [a.sql], target: [a.sql], settings: { a.b: 1 } }
phases: [one, two]
defaults: { batch_rows: 500, max_rejects: 1, stop_at: 5, triggers: keep, constraints: keep }
copy: [{ table: colours, phase: one }]
hooks: { before: analyze a, after: analyze b }
state: { schema: etl }
lookups:
  units: { table: units, connection: source, key: id, value: name }
  sizes: { values: { 1: small } }
  codes: { file: a.csv, key: code, value: name }
  kinds: { query: select id from kinds, key: id, value: id }
plugins: [own.js]
`;

const PARENT = `phase: one
source: { table: parent, key: id }
target: { table: parents, key: legacy_id, identity: { column: id, strategy: uuid5 } }
columns: { legacy_id: id, name: name, other: other }
`;

const CHILD = `description: Rows
phase: two
tags: [big]
depends_on: [parent]
source:
  connection: source
  table: child
  where: a > 1
  key: id
  changed_at: { column: updated, overlap: 1h }
  skip_when: { old: 'b < 1' }
  duplicates: { keep: first, by: updated }
  ignore: { columns: [c], reason: why }
  sensitive: [d]
  partition: { rows: 100 }
target:
  table: children
  key: legacy_id
  identity: { column: id, strategy: sequence }
  mode: upsert
  merge: false
  constraints: keep
  triggers: keep
columns:
  legacy_id: id
  f: { from: f }
  sq: { sql: 'x + 1' }
  va: { value: 3 }
  ob: { object: { a: a, b: { sql: 'b' }, c: { value: 1 }, d: { object: { e: e } }, f: { array: [a] }, g: { generate: now }, h: { run: id }, i: { source: key } } }
  ar: { array: [a, b] }
  ge: { generate: now }
  ru: { run: id }
  so: { source: key }
  st: { from: s, steps: [trim] }
  own: { from: s, steps: [shout] }
  ma: { from: m, map: { a: b }, unmapped: { value: z }, default: q }
  lo: { from: l, lookup: units, missing: null }
  lc: { from: l, lookup: codes, missing: null }
  lk: { from: l, lookup: kinds, missing: null }
  re: { from: r, references: { mapping: parent, by: name, yields: other }, missing: null }
  rl: { from: r, references: [parent, { mapping: parent, by: name, yields: other }], missing: null }
  rs: { from: r, references: { switch: k, cases: { p: parent } }, missing: null }
lookups:
  own: { values: { 1: a } }
rules:
  - range: { column: f, min: 1 }
    name: f is one
  - sql: a > 0
    severity: warn
checks:
  - sum: f
  - min_max: f
  - distinct: f
  - unique: f
  - content
  - row_count:
    severity: warn
  - references:
    severity: warn
  - query: select count(*) from children
    name: how many
    connection: target
    expect: { value: 3 }
    severity: warn
    warn_if: '> 1'
hooks: { before: analyze a, after: analyze b }
max_rejects: 2
stop_at: 3
deleted_rows: report
`;

const EXCEPTION = `- mapping: child
  rule: f is one
  column: f
  up_to: 3
  who: me
  why: so
  until: 2030-01-01
- { mapping: child, check: how many, who: me, why: so, until: 2030-01-01 }
`;

const PLUGIN = `export const steps = { shout: { summary: 'x', output: 'text', examples: [{ given: '1', gives: '1' }], make: () => (value) => value.toUpperCase() } };\n`;

/** Key → file, text, its replacement; several where one edit cannot stand alone. */
const E = 'etl.yaml';
const C = 'child.yaml';
const X = 'exceptions.yaml';
const EDITS: Readonly<Record<string, readonly [file: string, from: string, to: string]>> = {
  'a mapping': [E, '[{ table: colours, phase: one }]', '[]'],
  'etl.yaml › project': [E, 'project: trial', 'project: other'],
  'a connection › url': [E, 'SOURCE', 'OTHER'],
  'a connection › password_file': [E, 'a.txt', 'b.txt'],
  'a connection › password_command': [E, '[cat, b.txt]', '[cat, c.txt]'],
  'a connection › ssl': [E, 'ssl: require', 'ssl: disable'],
  'a connection › ca': [E, 'ca: a.pem', 'ca: b.pem'],
  'a connection › search_path': [E, '[public]', '[clinic]'],
  'embedded › source': [E, 'source: [a.sql]', 'source: [a.sql, b.sql]'],
  'embedded › target': [E, 'target: [a.sql]', 'target: [a.sql, b.sql]'],
  'embedded › settings': [E, 'a.b: 1', 'a.b: 2'],
  'etl.yaml › phases': [E, '[one, two]', '[one, two, three]'],
  'etl.yaml › copy': [
    E,
    '[{ table: colours, phase: one }]',
    '[{ table: colours, phase: one }, { table: sizes, phase: one }]',
  ],
  'a copy › table': [E, 'table: colours', 'table: colors'],
  'a copy › phase': [E, 'colours, phase: one', 'colours, phase: two'],
  'etl.yaml › plugins': ['own.js', 'toUpperCase', 'toLowerCase'],
  'state › schema': [E, 'schema: etl', 'schema: other'],
  'defaults › batch_rows': [E, '500', '600'],
  'defaults › max_rejects': [E, 'max_rejects: 1', 'max_rejects: 2'],
  'defaults › stop_at': [E, 'stop_at: 5', 'stop_at: 6'],
  'defaults › triggers': [E, 'triggers: keep', 'triggers: disable'],
  'defaults › constraints': [E, 'constraints: keep', 'constraints: auto'],
  'hooks › before': [C, 'before: analyze a', 'before: delete from a'],
  'hooks › after': [E, 'after: analyze b', 'after: select f()'],
  'a mapping › description': [C, 'Rows', 'Lines'],
  'a mapping › phase': ['parent.yaml', 'phase: one', 'phase: two'],
  'a mapping › tags': [C, '[big]', '[small]'],
  'a mapping › depends_on': [C, '[parent]', '[parent, colours]'],
  'a mapping › columns': [C, '  va: { value: 3 }\n', '  va: { value: 3 }\n  vb: { value: 4 }\n'],
  'a mapping › max_rejects': [C, 'max_rejects: 2', 'max_rejects: 9'],
  'a mapping › stop_at': [C, 'stop_at: 3', 'stop_at: 9'],
  'a mapping › deleted_rows': [C, 'deleted_rows: report', 'deleted_rows: delete'],
  'a source › table': [C, 'table: child\n', 'table: kids\n'],
  'a source › where': [C, 'a > 1', 'a > 2'],
  'a source › query': [C, 'table: child\n  where: a > 1', 'query: select * from child where a > 2'],
  'a source › query_file': [C, 'table: child\n  where: a > 1', 'query_file: a.sql'],
  'a source › key': [C, 'key: id\n  changed', 'key: [id, a]\n  changed'],
  'a source › changed_at': [C, '  changed_at: { column: updated, overlap: 1h }\n', ''],
  'a changed_at › column': [C, 'column: updated', 'column: changed'],
  'a changed_at › overlap': [C, 'overlap: 1h', 'overlap: 2h'],
  'a source › skip_when': [C, 'b < 1', 'b < 2'],
  'a source › duplicates': [C, '{ keep: first, by: updated }', 'reject'],
  'a duplicates › keep': [C, 'keep: first', 'keep: last'],
  'a duplicates › by': [C, 'by: updated', 'by: changed'],
  'an ignore › columns': [C, 'columns: [c]', 'columns: [c, d]'],
  'a source › sensitive': [C, 'sensitive: [d]', 'sensitive: [e]'],
  'a source › partition': [C, '{ rows: 100 }', 'none'],
  'a partition › rows': [C, 'rows: 100', 'rows: 200'],
  'a target › table': [C, 'table: children', 'table: kids'],
  'a target › key': [C, 'key: legacy_id\n  identity', 'key: [legacy_id, f]\n  identity'],
  'a target › identity': [C, '  identity: { column: id, strategy: sequence }\n', ''],
  'an identity › column': [C, 'column: id', 'column: nr'],
  'an identity › strategy': [C, 'strategy: sequence', 'strategy: uuid7'],
  'a target › mode': [C, 'mode: upsert', 'mode: insert'],
  'a target › merge': [C, 'merge: false', 'merge: true'],
  'a target › constraints': [C, 'constraints: keep', 'constraints: rebuild'],
  'a target › triggers': [C, 'triggers: keep', 'triggers: disable'],
  'a column › from': [C, 'from: f ', 'from: g '],
  'a column › sql': [C, 'x + 1', 'x + 2'],
  'a column › value': [C, 'value: 3 }\n', 'value: 4 }\n'],
  'a column › object': [C, 'f: { from: f }', 'f: { object: { a: a } }'],
  'a column › array': [C, '[a, b]', '[b, a]'],
  'a column › generate': [C, 'ge: { generate: now }', 'ge: { generate: uuid7 }'],
  'a column › run': [C, 'ru: { run: id }', 'ru: { run: mapping }'],
  'a column › source': [C, 'so: { source: key }', 'so: { source: row }'],
  'an origin › from': [C, 'a: a,', 'a: z,'],
  'an origin › sql': [C, "sql: 'b'", "sql: 'b + 1'"],
  'an origin › value': [C, 'c: { value: 1 }', 'c: { value: 2 }'],
  'an origin › object': [C, 'c: { value: 1 }', 'c: { object: { e: e } }'],
  'an origin › array': [C, 'array: [a] }', 'array: [a, b] }'],
  'an origin › generate': [C, 'g: { generate: now }', 'g: { generate: uuid7 }'],
  'an origin › run': [C, 'h: { run: id }', 'h: { run: mapping }'],
  'an origin › source': [C, 'i: { source: key }', 'i: { source: row }'],
  'a column › steps': [C, '[trim]', '[trim, lower]'],
  'a column › map': [C, 'map: { a: b }', 'map: { a: c }'],
  'a column › unmapped': [C, 'unmapped: { value: z }', 'unmapped: reject'],
  'an unmapped › value': [C, 'value: z', 'value: y'],
  'a column › lookup': [C, '{ from: f }', '{ from: f, lookup: units }'],
  'a column › references': [
    C,
    're: { from: r, references: { mapping: parent, by: name, yields: other }, missing: null }',
    're: r',
  ],
  'a reference › mapping': [
    C,
    'mapping: parent, by: name, yields: other }, missing',
    'mapping: colours }, missing',
  ],
  'a reference › by': [C, 'by: name, yields: other }, missing', 'by: id, yields: other }, missing'],
  'a reference › yields': [C, 'yields: other }, missing', 'yields: name }, missing'],
  'a reference › switch': [C, 'switch: k', 'switch: l'],
  'a reference › cases': [C, 'cases: { p: parent }', 'cases: { p: parent, c: colours }'],
  'a mapping to refer to › mapping': [
    C,
    '[parent, { mapping: parent, by: name, yields: other }]',
    '[colours, { mapping: parent, by: name, yields: other }]',
  ],
  'a mapping to refer to › by': [C, 'by: name, yields: other }]', 'by: id, yields: other }]'],
  'a mapping to refer to › yields': [C, 'yields: other }]', 'yields: name }]'],
  'a column › missing': [C, 'lookup: codes, missing: null', 'lookup: codes'],
  'a column › default': [C, 'default: q', 'default: p'],
  'a look-up › values': [C, 'lookup: units', 'lookup: { values: { 1: a } }'],
  'a look-up › file': [C, 'lookup: units', 'lookup: codes'],
  'a look-up › table': [E, 'table: units', 'table: measures'],
  'a look-up › query': [E, 'from kinds', 'from sorts'],
  'a look-up › connection': [E, 'connection: source', 'connection: target'],
  'a look-up › key': [E, 'connection: source, key: id', 'connection: source, key: nr'],
  'a look-up › value': [E, 'value: name }\n  sizes', 'value: label }\n  sizes'],
  'a mapping › rules': [C, 'min: 1', 'min: 2'],
  'a rule › severity': [C, 'severity: warn\nchecks', 'severity: fail\nchecks'],
  'a rule › name': [C, 'f is one', 'f is 1'],
  'a mapping › checks': [C, '  - content\n', ''],
  'a check › sum': [C, '  - sum: f\n', ''],
  'a check › min_max': [C, 'min_max: f', 'min_max: va'],
  'a check › distinct': [C, 'distinct: f', 'distinct: va'],
  'a check › unique': [C, 'unique: f', 'unique: [f, va]'],
  'a check › content': [C, '  - content\n', '  - content:\n    severity: warn\n'],
  'a check › row_count': [C, '  - row_count:\n    severity: warn\n', ''],
  'a check › references': [C, '  - references:\n    severity: warn\n', ''],
  'a check › query': [C, 'select count(*) from children', 'select count(id) from children'],
  'a check › connection': [C, 'connection: target', 'connection: source'],
  'a check › expect': [C, 'expect: { value: 3 }', 'expect: empty'],
  'an expectation › value': [C, 'expect: { value: 3 }', 'expect: { value: 4 }'],
  'a check › name': [C, 'name: how many', 'name: how few'],
  'a check › severity': [C, 'severity: warn\n    warn_if', 'severity: error\n    warn_if'],
  'a check › error_if': [C, "warn_if: '> 1'", "error_if: '> 1'"],
  'a check › warn_if': [C, "warn_if: '> 1'", "warn_if: '> 2'"],
  'an exception › mapping': [X, '- { mapping: child, check', '- { mapping: parent, check'],
  'an exception › rule': [X, 'rule: f is one', 'rule: map'],
  'an exception › column': [X, 'column: f', 'column: va'],
  'an exception › check': [X, 'check: how many', 'check: content'],
  'an exception › up_to': [X, 'up_to: 3', 'up_to: 4'],
  'an exception › who': [X, 'who: me\n', 'who: you\n'],
  'an exception › why': [X, 'why: so\n', 'why: not\n'],
  'an exception › until': [X, 'until: 2030-01-01\n', 'until: 2031-01-01\n'],
};

/** Of these nothing else is allowed, or nothing is kept: no edit shows a change. */
const UNSHOWN = [
  'etl.yaml › version',
  'a target › connection',
  'an ignore › reason',
  'a source › connection',
];

/** The keys of the language, but for those that only hold other keys. */
function keysOf(...shapes: readonly Shape[]): readonly string[] {
  const found = new Set<string>();
  const isMaps = (shape: Shape): boolean =>
    shape.form === 'keys' || (shape.form === 'record' && shape.values.form === 'keys');
  const walk = (shape: Shape): void => {
    if (shape.form === 'keys') {
      for (const [name, key] of Object.entries(shape.keys)) {
        const id = `${shape.what} › ${name}`;
        if (found.has(id)) continue;
        found.add(id);
        walk(key.shape);
        if (isMaps(key.shape)) found.delete(id);
      }
    } else if (shape.form === 'either') {
      for (const each of [shape.scalar, shape.list, shape.map]) if (each !== undefined) walk(each);
    } else if (shape.form === 'list' || shape.form === 'one_or_more') walk(shape.items);
    else if (shape.form === 'record') walk(shape.values);
    else if (shape.form === 'named' && !found.has(shape.name)) {
      found.add(shape.name);
      walk(shape.shape());
      found.delete(shape.name);
    }
  };
  for (const shape of shapes) walk(shape);
  return [...found].sort();
}

/** Keys that stand beside those of the specification: a mapping itself, and what stands beside a rule. */
const BESIDE = ['a mapping', 'a rule › name', 'a rule › severity'];

test('every key of the language has a class, and an edit that shows it', () => {
  const keys = [...keysOf(ETL.shape, MAPPING.shape, EXCEPTIONS.shape), ...BESIDE].sort();
  expect(Object.keys(CHANGE_TABLE).sort()).toEqual(keys);
  expect([...new Set([...Object.keys(EDITS), ...UNSHOWN])].sort()).toEqual(keys);
  for (const key of keys) expect(ruleOf(key).classes.length).toBeGreaterThan(0);
});

let trial: Edited;
let root: string;

beforeAll(async () => {
  root = temporaryRoot();
  const folder = path.join(root, 'mappings');
  const sql = 'select * from child where a > 1 and b > 1\n';
  writeFiles(folder, { [E]: ETL_YAML, 'parent.yaml': PARENT, [C]: CHILD, [X]: EXCEPTION, 'own.js': PLUGIN });
  writeFiles(folder, { 'a.sql': sql, 'b.sql': sql, 'a.csv': 'code,name\n1,one\n' });
  trial = await Edited.of(folder);
});
afterAll(() => {
  trial.close();
});

/** The key under which a change is told: its own, or the one that the table says. */
const toldAs = (key: string): string => {
  const rule = CHANGE_TABLE[key];
  return rule !== undefined && 'as' in rule ? rule.as : key;
};

test('an edit of each key is told under it, with a class that the table declares', async () => {
  const cases = Object.entries(EDITS).map(([key, [file, from, to]]) => ({
    key,
    edits: [{ file, from, to }],
  }));
  const rounds = inRounds(path.join(root, 'mappings'), cases, (a, b) => toldAs(a.key) === toldAs(b.key));
  const wrong = async (round: typeof cases): Promise<readonly string[]> => {
    try {
      const { diff } = await trial.after(round.flatMap(({ edits }) => edits));
      const found = diff.changes.map((change) => toldAs(change.key));
      const left = round.filter(({ key }) => !found.includes(toldAs(key)));
      return left.map(({ key }) => `${key}: told as ${found.join(', ')}`);
    } catch (error) {
      return round.map(({ key }) => `${key}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const failed: string[] = [];
  for (const round of rounds) {
    if ((await wrong([...round])).length === 0) continue;
    // Edits may exclude each other: then each has to do by itself.
    for (const one of round) failed.push(...(await wrong([one])));
  }
  expect(failed).toEqual([]);
}, 240_000);
