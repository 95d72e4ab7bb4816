import type { PgType } from '../contract/catalogue.js';
import type { CompiledColumn } from '../contract/compiled.js';
import type { Mapping } from '../contract/mapping.js';
import { isNumber } from '../resolve/value-map.js';
import type { Context } from './context.js';
import { isKeyless, sourceKey } from './identity.js';

/** The fields of the source key; null, and a problem, where one is not there. */
export function bindKey(context: Context): readonly number[] | null {
  const { mapping, table } = context.sides;
  if (mapping.plainCopy) {
    const names = sourceKey(context.sides);
    if (names.length === 0 || table.primaryKey.length === 0) {
      const side = names.length === 0 ? 'source' : 'target';
      context.problem('ETL-BIND-013', mapping.at, `the ${side} table "${mapping.name}" has no primary key`);
      return null;
    }
    return names.flatMap((name) => {
      const column = context.fields.column(name);
      return column === undefined ? [] : [context.fields.value(column)];
    });
  }
  if (isKeyless(mapping)) return [context.fields.expression(`q.${ROW_NUMBER}`, BIGINT, 'row number')];
  const columns = mapping.source.key.map((name) => context.sourceColumn(name));
  const found = columns.filter((column) => column !== null);
  return found.length < columns.length ? null : found.map((column) => context.fields.value(column));
}

/** In place of a key the number of a row in this one reading: rejects are told by it. */
const ROW_NUMBER = '"etl row number"';

const BIGINT: PgType = {
  ...{ oid: 20, schema: 'pg_catalog', name: 'int8', modifier: -1, base: 'integer', kind: 'base' },
  ...{ domainOf: null, labels: [], display: 'bigint', sql: 'pg_catalog.int8' },
};

/** The source's rows, with their numbers where they have no key. */
export const numbered = (mapping: Mapping, rowsSql: string): string =>
  isKeyless(mapping) ? `select q.*, row_number() over () as ${ROW_NUMBER} from (${rowsSql}\n) q` : rowsSql;

/** The columns of the target key; problems where one is not filled, or they are not unique. */
export function bindTargetKey(context: Context): readonly number[] {
  const { mapping, table } = context.sides;
  const names = mapping.plainCopy
    ? table.primaryKey.map((value) => ({ value, at: mapping.at }))
    : mapping.target.key;
  const indices = names.flatMap((name) => {
    const column = context.targetColumn(name);
    if (column === null) return [];
    const index = context.columns.findIndex((c) => c.column.name === name.value);
    if (index < 0) {
      context.problem('ETL-BIND-017', name.at, `the target key "${name.value}" is not among the columns`);
      return [];
    }
    return [index];
  });
  const unique = table.uniques.some((columns) => columns.every((c) => names.some((n) => n.value === c)));
  if (names.length > 0 && indices.length === names.length && !unique) {
    context.problem(
      'ETL-BIND-010',
      names[0]?.at ?? mapping.target.at,
      `"${names.map((n) => n.value).join(', ')}" is not unique in "${table.name}"`,
      'add a unique constraint on just these columns to the target',
    );
  }
  return indices;
}

const plain = (type: PgType): PgType => (type.domainOf === null ? type : plain(type.domainOf));

/** Whether a column gives a key back in a spelling that is equal to the one that came: uuid, say, writes its own. */
function keepsSpelling(from: PgType, { column, make }: CompiledColumn): boolean {
  const to = plain(column.type);
  if (isNumber(from.base) && isNumber(to.base)) return true;
  // A varchar(n) drops spaces that are too many at the end of a text.
  const cuts = make.kind === 'bytes' && make.checks.some((check) => check.kind === 'length');
  if (to.name === 'text' || to.name === 'varchar') return !cuts || from.base !== 'text';
  return from.name === to.name && to.name !== 'bpchar';
}

/** Whether the target's key columns hold the source key just as it came. */
export function isPassedThrough(
  { columns, fields }: Context,
  targetKey: readonly number[],
  key: readonly number[],
): boolean {
  if (targetKey.length !== key.length) return false;
  return targetKey.every((index, n) => {
    const column = columns[index];
    const field = fields.list[key[n] ?? -1];
    if (column?.make.kind !== 'bytes' || field === undefined) return false;
    return column.make.field === key[n] && keepsSpelling(field.type, column);
  });
}

/** Whether the source's catalogue holds that the key is unique. */
export function isUniqueSource(context: Context): boolean {
  const { shape } = context.sides;
  // A table with children also gives their rows, which its unique indexes do not know.
  if (shape.table?.kind !== 'r' || shape.table.hasChildren) return false;
  const { uniques } = shape.table;
  const key = sourceKey(context.sides);
  return uniques.some((unique) => unique.every((column) => key.includes(column)));
}
