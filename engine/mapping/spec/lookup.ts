import type { Scalar } from '../../contract/value.js';
import { mapForm } from '../form.js';
import type { Form } from '../form.js';
import { record, scalar, query, text } from '../forms.js';
import { key, keys } from '../keys.js';
import type { ReadOf } from '../keys.js';
import { tableName } from '../names.js';
import { errorAt } from '../report.js';
import type { Report } from '../report.js';
import { comparableKey } from '../scalars.js';
import type { Entry } from '../tree.js';

/** Pairs of an inline table of values. */
export type ValueTable = readonly { readonly key: Scalar; readonly value: Scalar }[];

/** Reports keys of a table of values that are null, or that equal one another by value. */
export function checkKeys(entries: readonly Entry[], report: Report): void {
  const seen = new Set<string>();
  for (const entry of entries) {
    const comparable = comparableKey(entry.scalar);
    if (entry.scalar.type === 'null') {
      const help = 'null passes a table of values untouched; use default, or the step coalesce';
      report(errorAt('ETL-LANG-015', entry.keyAt, 'null cannot be a key of a table of values', { help }));
    } else if (seen.has(comparable)) {
      const message = `the key "${entry.key}" equals one above: keys compare by value`;
      report(errorAt('ETL-LANG-015', entry.keyAt, message));
    }
    seen.add(comparable);
  }
}

/** Keys are unique by value and never null. */
export const VALUE_TABLE: Form<ValueTable> = mapForm(
  record('values', scalar),
  (pairs, _place, { report }) => {
    checkKeys(
      pairs.map(({ entry }) => entry),
      report,
    );
    return pairs.flatMap(({ entry, value }) =>
      value === undefined ? [] : [{ key: entry.scalar, value: value.value }],
    );
  },
);

/** One table of values: inline, from a file, a table or a query. */
export const LOOKUP = keys(
  'a look-up',
  {
    values: key(VALUE_TABLE, 'The values themselves.', { example: { 1: 'piece', 2: 'box' } }),
    file: key(text('a path'), 'A CSV file with a header line, relative to the project folder.', {
      example: 'lookups/states.csv',
    }),
    table: key(tableName, 'A table.', { example: 'units' }),
    query: key(query, 'A select in SQL.', { example: 'select id, lower(name) as slug from kind' }),
    connection: key(text('a connection'), 'Where `table` or `query` is read.', {
      default: 'source',
      example: 'target',
    }),
    key: key(text('a column'), 'The column that is compared.', { example: 'code' }),
    value: key(text('a column'), 'The column that is the result.', { example: 'name' }),
  },
  {
    exactlyOne: [['values', 'file', 'table', 'query']],
    needs: {
      connection: ['table', 'query'],
      key: ['file', 'table', 'query'],
      value: ['file', 'table', 'query'],
    },
  },
);

/** `lookups:` of a mapping or of etl.yaml. */
export const LOOKUPS = record('look-ups by name', LOOKUP);

export type RawLookup = ReadOf<typeof LOOKUP>;
export type RawLookups = ReadOf<typeof LOOKUPS>;
