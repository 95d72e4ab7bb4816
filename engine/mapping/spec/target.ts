import { mapForm } from '../form.js';
import { bool, either, oneOrMore, text, word } from '../forms.js';
import { key, keys, required } from '../keys.js';
import type { ReadOf } from '../keys.js';
import { columnName, tableName } from '../names.js';

const STRATEGY = word({
  sequence: { doc: "Ids are reserved in blocks from the column's own sequence." },
  uuid5: { doc: 'Made of project, mapping and source key: the same on every run.' },
  uuid7: { doc: 'New and in order of time.' },
  preserve: { doc: 'The source key itself.' },
  mapped: { doc: 'The value that `columns` gives it.' },
  database: { doc: 'The database assigns it; rows are found by `key`.' },
});

const IDENTITY = either({
  scalar: mapForm(columnName('a target column'), (column) => ({ column, strategy: null })),
  map: mapForm(
    keys('an identity', {
      column: required(columnName('a target column'), 'The surrogate key.', { example: 'id' }),
      strategy: key(STRATEGY, "How its values are made; left out: by the column's type and default."),
    }),
    ({ values: { column, strategy } }) =>
      column === undefined ? undefined : { column, strategy: strategy ?? null },
  ),
});

/** The settings that a target and `defaults` of etl.yaml share. */
export const TRIGGERS = word({
  keep: { doc: "The table's triggers fire (default)." },
  disable: {
    doc: "The table's user triggers are off while its rows are loaded, as its owner; foreign keys stay enforced.",
  },
});

export const CONSTRAINTS = word({
  auto: { doc: 'Dropped and built again where a large load meets an empty table (default).' },
  keep: { doc: 'Foreign keys and indexes stay in place.' },
  rebuild: { doc: 'Foreign keys and secondary indexes are dropped and built again in bulk.' },
});

/** `target:` of a mapping. */
export const TARGET = keys('a target', {
  connection: key(text('a connection'), 'The connection to write to.', {
    default: 'target',
    example: 'target',
  }),
  table: required(tableName, 'The table to load, exactly as the catalogue writes it.', {
    example: 'sales.orders',
  }),
  key: key(
    oneOrMore(columnName('a target column')),
    'The column or columns whose mapped values identify the target row, unique there.',
  ),
  identity: key(IDENTITY, 'The surrogate key of the table, which references yield.'),
  mode: key(
    word({
      upsert: { doc: 'A row that exists is updated where it differs (default).' },
      insert: { doc: 'A row that exists is a reject.' },
      replace: {
        doc: 'The table is emptied first, in the transaction of the first batch: only of rows that this mapping has loaded, or with `etl run --force`.',
      },
    }),
    'What happens to a row that exists.',
    { default: 'upsert' },
  ),
  merge: key(
    bool,
    'Other mappings that say so fill other columns of the row: whichever comes second updates it.',
    { default: 'false' },
  ),
  constraints: key(CONSTRAINTS, 'Foreign keys and secondary indexes during the load.', { default: 'auto' }),
  triggers: key(TRIGGERS, "The table's triggers during the load.", { default: 'keep' }),
});

export type RawTarget = ReadOf<typeof TARGET>;
