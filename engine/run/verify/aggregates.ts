import type { AggregateKind } from '../../contract/check.js';
import type { PgType } from '../../contract/catalogue.js';
import { DUPLICATE, type CompiledColumn, type CompiledMapping } from '../../contract/compiled.js';
import { formatDecimal, parseDecimal } from '../../contract/decimal.js';
import type { Session } from '../../contract/session.js';
import { handleText } from '../../postgres/undo.js';
import { quoteName } from '../../postgres/identifier.js';
import { rowsOf } from '../checks.js';
import { keysCondition, sourceKeyParts } from '../keys/key-condition.js';
import { handleNames } from '../keys/pairs.js';
import { comparable } from './types.js';

/** Keys that are asked for in one question. */
const KEYS = 10_000;

/** SQL: a value as its sum takes it: floats by their shortest decimal, so that no sum depends on an order. */
function addend(sql: string, type: PgType): string {
  return type.base === 'float' ? `(${sql})::text::numeric` : `(${sql})::numeric`;
}

/** SQL over values `v` of a column's type. */
function aggregate(kind: AggregateKind, type: PgType): string {
  switch (kind) {
    case 'sum':
      return `coalesce(sum(${addend('v.v', type)}), 0)::text`;
    case 'min_max':
      return hasOrder(type)
        ? `coalesce(min(v.v)::text, 'null') || ' … ' || coalesce(max(v.v)::text, 'null')`
        : `coalesce(min(v.v::text collate "C"), 'null') || ' … ' || coalesce(max(v.v::text collate "C"), 'null')`;
    case 'distinct':
      return `count(distinct ${comparable('v.v', type)})::text`;
  }
}

/** Types that `min` and `max` know; all others by their text. */
const hasOrder = ({ base, kind, name }: PgType): boolean =>
  kind === 'enum' || !['boolean', 'json', 'uuid', 'bytea', 'other'].includes(base) || name === 'inet';

/** What stands in the target, and what should stand there: the same rows, with what differs replaced. */
export interface Aggregated {
  readonly expected: string;
  readonly actual: string;
}

/**
 * Computes a check's value by the target's own SQL, twice: over the mapping's rows as they are, and with those
 * that the comparison found different replaced by what the mapping makes. All other rows are proven equal, so that
 * the second is the value over the mapped values, in the type's own order and equality, to the last digit.
 * @param place where the column's value stands in the notes' `made`
 */
export async function aggregateBoth(
  session: Session,
  compiled: CompiledMapping,
  schema: string,
  of: {
    readonly kind: AggregateKind;
    readonly column: CompiledColumn;
    readonly place: number;
    readonly part: boolean;
  },
): Promise<Aggregated> {
  const { name, type } = of.column.column;
  const handle = handleText(handleNames(compiled));
  const same = (kept: string): string =>
    compiled.handle.length === 1 ? `${kept} = ${handle}` : `${kept}::jsonb = (${handle})::jsonb`;
  const part = of.part ? ` and exists (select from pg_temp.etl_part p where ${same('p.handle')})` : '';
  const ours = (what: string): string =>
    ` and not exists (select from pg_temp.etl_replaced r where ${same('r.handle')}${what})`;
  const rows = `select t.${quoteName(name)} as v ${rowsOf(compiled, schema)}${part}`;
  const held = `${rows}${ours(` and r.made = 'null'`)}`;
  const right = `${rows}${ours('')}
    union all select (r.made ->> ${String(of.place)})::${type.display} from pg_temp.etl_replaced r where jsonb_typeof(r.made) = 'array'`;
  const value = aggregate(of.kind, type);
  const answer = await session.query(
    `select (select ${value} from (${right}) v), (select ${value} from (${held}) v)`,
  );
  const [expected, actual] = answer.rows[0] ?? [];
  return { expected: expected ?? '', actual: actual ?? '' };
}

/** The field whose value a column takes as it is; null where something is made of it. */
export function passedThrough({ make }: CompiledColumn): number | null {
  if (make.kind === 'bytes') return make.field;
  if (make.kind !== 'value' || make.origin.kind !== 'fields') return null;
  const { steps, resolver, default: fallback } = make.spec;
  const [field = null, second] = make.origin.fields;
  return second === undefined && steps.length === 0 && resolver === null && fallback === null ? field : null;
}

/** A source column's sum, and its parts that are not loaded: exact decimals. */
export interface SourceSum {
  readonly total: string;
  readonly rejected: string;
  readonly skipped: string;
}

/** SQL: the source's rows as `q`, and which of them are skipped, duplicates that are not kept among them. */
function skippedRows({ fields, kept, rowsSql, skip }: CompiledMapping): {
  readonly from: string;
  readonly skip: string;
} {
  const named = skip === null ? 'false' : `(${fields[skip.field]?.sql ?? 'null'}) is not null`;
  if (kept === null) return { from: `from (${rowsSql}\n) q`, skip: named };
  // A window's value cannot be asked for beside an aggregate: it is a column of the rows.
  const mark = '"etl duplicate"';
  const rows = `select q.*, (${fields[kept.field]?.sql ?? 'null'}) as ${mark} from (${rowsSql}\n) q`;
  return {
    from: `from (${rows}) q`,
    skip: `(${named} or coalesce(q.${mark} = ${String(DUPLICATE.other)}, false))`,
  };
}

/** Asks the source itself, in the run's snapshot. @param rejected keys as they are shown */
export async function sourceSum(
  reader: Session,
  compiled: CompiledMapping,
  field: number,
  rejected: ReadonlySet<string>,
): Promise<SourceSum | null> {
  const found = compiled.fields[field];
  if (found === undefined || !['integer', 'numeric', 'float'].includes(found.type.base)) return null;
  const sum = `sum(${addend(found.sql, found.type)})`;
  const { from, skip } = skippedRows(compiled);
  const nulls = compiled.key.map((key) => `(${compiled.fields[key]?.sql ?? 'null'}) is null`).join(' or ');
  const { rows } = await reader.query(
    `select coalesce(${sum}, 0)::text, coalesce(${sum} filter (where ${skip}), 0)::text,
       coalesce(${sum} filter (where not (${skip}) and (${nulls})), 0)::text ${from}`,
  );
  const [total = '0', skipped = '0', keyless = '0'] = rows[0] ?? [];
  const sums = [keyless ?? '0'];
  const keys = [...rejected].map((key) =>
    compiled.key.length === 1 ? [key] : (JSON.parse(key) as string[]),
  );
  const parts = sourceKeyParts(compiled);
  for (let at = 0; at < keys.length; at += KEYS) {
    const which = keysCondition(parts, keys.slice(at, at + KEYS));
    const answer = await reader.query(
      `select coalesce(${sum}, 0)::text ${from} where not (${skip}) and ${which}`,
    );
    sums.push(answer.rows[0]?.[0] ?? '0');
  }
  return { total: total ?? '0', rejected: addAll(sums), skipped: skipped ?? '0' };
}

/** The sum of decimals; NaN or Infinity makes it what PostgreSQL's numeric would, as far as one of them stands there. */
export function addAll(texts: readonly string[]): string {
  const odd = texts.find((text) => parseDecimal(text) === null);
  if (odd !== undefined) return odd;
  const numbers = texts.flatMap((text) => parseDecimal(text) ?? []);
  const scale = Math.max(0, ...numbers.map((number) => number.scale));
  const units = numbers.reduce((sum, number) => sum + number.units * 10n ** BigInt(scale - number.scale), 0n);
  return formatDecimal({ units, scale });
}
