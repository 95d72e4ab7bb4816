import type { Duplicates } from '../../contract/mapping.js';
import { mapForm } from '../form.js';
import type { Form } from '../form.js';
import {
  duration,
  either,
  expression,
  integer,
  list,
  oneOrMore,
  query,
  record,
  text,
  word,
} from '../forms.js';
import { key, keys, required } from '../keys.js';
import type { ReadOf } from '../keys.js';
import { columnName, tableName } from '../names.js';

const IGNORED_COLUMNS = either({
  scalar: word({ '*': { doc: 'Every source column that nothing uses.' } }),
  list: list(columnName('a source column')),
});

const IGNORE = keys('an ignore', {
  columns: key(IGNORED_COLUMNS, 'The columns that are left unread, or "*".'),
  reason: key(text(), 'Why they are left, for the report.', { example: 'belongs to the old web site' }),
});

const PARTITION = either({
  scalar: mapForm(
    word({ auto: { doc: 'The planner decides (default).' }, none: { doc: 'One reader.' } }),
    ({ value }) => ({ kind: value }),
  ),
  map: mapForm(
    keys('a partition', { rows: required(integer(1), 'Rows of a range, more or less.') }),
    ({ values: { rows } }) => (rows === undefined ? undefined : { kind: 'rows' as const, rows }),
  ),
});

const CHANGED_AT = either({
  scalar: mapForm(columnName('a source column'), (column) => ({ column, overlap: null })),
  map: mapForm(
    keys('a changed_at', {
      column: required(columnName('a source column'), 'A timestamptz, timestamp or date.'),
      overlap: key(
        duration,
        'How far a run reaches back behind the snapshot of the one before; never less than its oldest open transaction.',
        { default: '1m; 12h where the column has no time zone' },
      ),
    }),
    ({ values: { column, overlap } }) =>
      column === undefined ? undefined : { column, overlap: overlap ?? null },
  ),
});

const DUPLICATES: Form<Duplicates> = either({
  scalar: mapForm(
    word({
      reject: { doc: 'All rows that share a key are rejected (default).' },
      fail: { doc: 'The run stops.' },
    }),
    ({ value }): Duplicates => ({ kind: value }),
  ),
  map: mapForm(
    keys('a duplicates', {
      keep: required(
        word({
          first: { doc: 'The row with the least value.' },
          last: { doc: 'The row with the greatest.' },
        }),
        'Which of the rows is loaded; the others are skipped as `duplicate`.',
      ),
      by: required(
        columnName('a source column'),
        'The column that orders them, as the source does; null comes first. Rows that share the first or last value are rejected.',
      ),
    }),
    ({ values: { keep, by } }): Duplicates | undefined =>
      keep === undefined || by === undefined ? undefined : { kind: 'keep', which: keep.value, by },
  ),
});

/** `source:` of a mapping. */
export const SOURCE = keys(
  'a source',
  {
    connection: key(text('a connection'), 'The connection to read from.', {
      default: 'source',
      example: 'source',
    }),
    table: key(tableName, 'The table to read, exactly as the catalogue writes it.', { example: 'client' }),
    where: key(expression, 'A condition in SQL on the rows of `table`.', { example: 'deleted is not true' }),
    query: key(query, 'A select in SQL of the source.', {
      example: 'select id, name from client where not deleted',
    }),
    query_file: key(text('a path'), 'A file with the select, relative to the project folder.', {
      example: 'sql/tasks.sql',
    }),
    key: key(
      oneOrMore(columnName('a source column')),
      'The column or columns that identify a source row: unique and not null.',
    ),
    changed_at: key(
      CHANGED_AT,
      'The column that says when a row was changed last: a later run reads what changed since the one before.',
    ),
    skip_when: key(
      record('named SQL conditions', expression),
      'Rows that are read, counted under a name and not loaded.',
    ),
    duplicates: key(DUPLICATES, 'What happens to several rows with one key.', { default: 'reject' }),
    ignore: key(IGNORE, 'Source columns that are not used, on purpose.'),
    sensitive: key(
      oneOrMore(columnName('a source column')),
      'Source columns whose values are masked in logs, rejects and reports.',
    ),
    partition: key(PARTITION, 'Key ranges that are read side by side.', { default: 'auto' }),
  },
  { exactlyOne: [['table', 'query', 'query_file']], needs: { where: ['table'], duplicates: ['key'] } },
);

export type RawSource = ReadOf<typeof SOURCE>;
