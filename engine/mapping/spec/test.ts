import { formatDecimal, parseDecimal } from '../../contract/decimal.js';
import type { ExpectedFate, TestRow, TestTable, TestValue } from '../../contract/unit-test.js';
import type { Located } from '../../contract/problem.js';
import { mapForm } from '../form.js';
import type { Form } from '../form.js';
import { either, list, named, oneOrMore, record, scalar, text } from '../forms.js';
import { key, keys, required } from '../keys.js';
import type { ReadOf } from '../keys.js';
import { located } from '../report.js';
import { VALUE_TABLE } from './lookup.js';

const NOTHING = { items: null, entries: null };

const SCALAR: Form<TestValue> = mapForm(scalar, ({ value, at }) => {
  const { type } = value;
  if (type === 'null') return { ...NOTHING, text: null, json: 'null', at };
  const number = type === 'number' ? parseDecimal(value.text) : null;
  const json = number !== null ? formatDecimal(number) : JSON.stringify(value.text);
  return { ...NOTHING, text: value.text, json: type === 'boolean' ? value.text : json, at };
});

/** Any value of YAML. */
const VALUE: Form<TestValue> = named('value', () =>
  either({
    scalar: SCALAR,
    list: mapForm(list(VALUE), ({ items, at }) => {
      const json = `[${items.map((item) => item.json).join(', ')}]`;
      return { text: null, entries: null, items, json, at };
    }),
    map: mapForm(record('values', VALUE), (found, place) => {
      const read = found.flatMap(({ entry, value }) =>
        value === undefined ? [] : [[entry.key, value] as const],
      );
      const json = `{${read.map(([name, value]) => `${JSON.stringify(name)}: ${value.json}`).join(', ')}}`;
      return { text: null, items: null, entries: new Map(read), json, at: place.at };
    }),
  }),
);

const ROWS: Form<readonly TestRow[]> = mapForm(
  list(
    mapForm(record('columns', VALUE), (found, { at }): TestRow => ({
      cells: found.flatMap(({ entry, value }) =>
        value === undefined ? [] : [{ column: located(entry.key, entry.keyAt), value }],
      ),
      at,
    })),
  ),
  ({ items }) => items,
);

/** A key as it is shown: its text, or a JSON array of the texts of several. */
const KEY: Form<string> = {
  shape: oneOrMore(scalar).shape,
  read: (node, place, reading) => {
    const parts = oneOrMore(scalar)
      .read(node, place, reading)
      ?.map(({ value }) => value.text);
    if (parts === undefined) return undefined;
    return node.kind === 'list' ? JSON.stringify(parts) : parts[0];
  },
};

const RULE = key(text('a rule'), 'What decided: a step, a resolver (`map`), a rule’s name, a constraint.');
const ROW_KEY = key(KEY, 'The source key; of several columns a list.');

/** Rejects or warnings. */
const FATES: Form<readonly ExpectedFate[]> = mapForm(
  list(
    keys('an expected row', {
      key: ROW_KEY,
      column: key(text('a target column'), 'The target column.'),
      rule: RULE,
      reason: key(text(), 'A part of the reason.'),
    }),
  ),
  ({ items }) =>
    items.map(({ values: { key: row, column, rule, reason }, at }) => ({
      key: row ?? null,
      column: column ?? null,
      rule: rule?.value ?? null,
      reason: reason?.value ?? null,
      at,
    })),
);

const SKIPPED: Form<readonly ExpectedFate[]> = mapForm(
  list(
    keys('a skipped row', { key: ROW_KEY, rule: key(text('a condition'), 'The name under `skip_when`.') }),
  ),
  ({ items }) =>
    items.map(({ values: { key: row, rule }, at }) => ({
      ...{ key: row ?? null, rule: rule?.value ?? null, at },
      ...{ column: null, reason: null },
    })),
);

const TABLES: Form<readonly { readonly name: Located<string>; readonly table: TestTable }[]> = mapForm(
  record('tables of values by name', VALUE_TABLE),
  (found) =>
    found.flatMap(({ entry, value }) =>
      value === undefined ? [] : [{ name: located(entry.key, entry.keyAt), table: value }],
    ),
);

const GIVEN = keys('given', {
  rows: required(ROWS, 'Rows as the mapping’s query or table gives them; columns left out are null.'),
  references: key(
    TABLES,
    'Mapping → source key → what a reference to it gives. What is not there is missing.',
  ),
  lookups: key(
    TABLES,
    'Look-up → its values, in place of its own. Those read from a database are empty where they are not given.',
  ),
});

const EXPECT = keys('expect', {
  rows: key(ROWS, 'All rows of the target table, in any order; columns left out are not compared.'),
  rejects: key(FATES, 'All rejects; left out: none.', { default: '[]' }),
  warnings: key(FATES, 'All warnings; left out: they are not compared.'),
  skipped: key(SKIPPED, 'All rows that `skip_when` leaves out; left out: they are not compared.'),
  fails: key(text(), 'A part of the message with which the mapping stops (`fail`).'),
});

/** A file of unit tests. */
export const TESTS = list(
  keys('a test', {
    test: required(text('a name'), 'What the mapping does, in one sentence.'),
    given: required(GIVEN, 'What the mapping reads.'),
    expect: required(EXPECT, 'What it makes of it.'),
  }),
);

export type RawTest = ReadOf<typeof TESTS>['items'][number];
