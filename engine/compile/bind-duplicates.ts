import type { CompiledMapping } from '../contract/compiled.js';
import type { PgType } from '../contract/catalogue.js';
import { DUPLICATE } from '../contract/compiled.js';
import { isNumber } from '../resolve/value-map.js';
import type { Context } from './context.js';

const INTEGER: PgType = {
  oid: 23, schema: 'pg_catalog', name: 'int4', modifier: -1, base: 'integer', kind: 'base', domainOf: null, labels: [],
  display: 'integer', sql: 'integer',
}; // prettier-ignore

/**
 * The field that tells which of several source rows with one key is kept; null where nothing chooses. The source ranks
 * them, those aside that are skipped: so whoever reads whole keys finds the same row, in whatever order they come.
 * @param key the fields of the key
 * @param skip the field that is null of rows that are not skipped, or null
 */
export function bindDuplicates(
  context: Context,
  key: readonly number[],
  skip: number | null,
): CompiledMapping['kept'] {
  const { duplicates } = context.sides.mapping.source;
  if (duplicates.kind !== 'keep' || key.length === 0) return null;
  const column = context.sourceColumn(duplicates.by);
  if (column === null) return null;
  const fields = key.flatMap((field) => context.fields.list[field] ?? []);
  // Rows have one key where the engine says so: other spellings of equal texts (citext) are other keys.
  const parts = fields.map(({ sql, type }) => (isNumber(type.base) ? sql : `${sql}::text collate "C"`));
  const skipped = skip === null ? [] : [`${context.fields.list[skip]?.sql ?? 'null'} is null`];
  const by = `q."${column.name.replaceAll('"', '""')}"`;
  context.fields.used.add(column.name);
  const order = duplicates.which === 'first' ? 'asc nulls first' : 'desc nulls last';
  const window = `partition by ${[...parts, ...skipped].join(', ')} order by ${by} ${order}`;
  const sql = `case when ${fields.map((field) => `${field.sql} is null`).join(' or ')} then null
    when rank() over (${window}) > 1 then ${String(DUPLICATE.other)}
    when count(*) over (${window} range between current row and current row) > 1 then ${String(DUPLICATE.tied)} end`;
  return { field: context.fields.expression(sql, INTEGER, 'duplicates') };
}
