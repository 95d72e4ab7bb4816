import type { CompiledMapping } from '../../contract/compiled.js';
import type { RangeChoice } from '../../contract/plan.js';
import type { Session } from '../../contract/session.js';
import { quoteDotted } from '../../contract/table-name.js';
import { quoteName, quoteText } from '../../postgres/identifier.js';

/** A part of a mapping's rows: those whose first key column lies from `from` on and below `to`. */
export interface KeyRange {
  readonly partition: number;
  /** The bounds' texts; null for no bound. Rows without a key are in the last range. */
  readonly from: string | null;
  readonly to: string | null;
}

/** Every row of a mapping. */
export const WHOLE: KeyRange = { partition: 0, from: null, to: null };

/** The condition of a range on a key column; null for the whole. The column's own order decides. */
export function rangeCondition({ from, to }: KeyRange, column: string): string | null {
  if (from === null && to === null) return null;
  const low = from === null ? null : `${column} >= ${quoteText(from)}`;
  const high = to === null ? null : `${column} < ${quoteText(to)}`;
  const both = [low, high].filter((part) => part !== null).join(' and ');
  return to === null ? `(${both} or ${column} is null)` : both;
}

/**
 * The ranges of a mapping, by the source's own order of its first key column: from the statistics of a table, or
 * counted off where the mapping says how many rows one has. One range where the source knows no bounds.
 */
export async function findRanges(
  reader: Session,
  compiled: CompiledMapping,
  { count, rows }: RangeChoice,
): Promise<readonly KeyRange[]> {
  if (count < 2) return [WHOLE];
  const bounds =
    rows === null ? await fromStatistics(reader, compiled, count) : await counted(reader, compiled, rows);
  const ends = [null, ...bounds, null];
  return ends.slice(1).map((to, n) => ({ partition: n, from: ends[n] ?? null, to }));
}

const keyName = (compiled: CompiledMapping): string => compiled.fields[compiled.key[0] ?? -1]?.name ?? '';

async function fromStatistics(
  reader: Session,
  compiled: CompiledMapping,
  count: number,
): Promise<readonly string[]> {
  const { from } = compiled.mapping.source;
  if (from.kind !== 'table') return [];
  const { rows } = await reader.query(
    `select to_json(s.histogram_bounds::text::text[]) from pg_stats s
     join pg_class c on c.relname = s.tablename join pg_namespace n on n.oid = c.relnamespace and n.nspname = s.schemaname
     where c.oid = $1::regclass and s.attname = $2 and s.histogram_bounds is not null limit 1`,
    [quoteDotted(from.table.value), keyName(compiled)],
  );
  const histogram = JSON.parse(rows[0]?.[0] ?? '[]') as string[];
  const steps = Array.from({ length: count - 1 }, (_, n) =>
    histogram.at(Math.round(((n + 1) * (histogram.length - 1)) / count)),
  );
  return [...new Set(steps.filter((bound) => bound !== undefined))];
}

async function counted(reader: Session, compiled: CompiledMapping, size: number): Promise<readonly string[]> {
  const key = `q.${quoteName(keyName(compiled))}`;
  const { rows } = await reader.query(
    `select k::text from (select ${key} k, row_number() over (order by ${key}) n
       from (${compiled.rowsSql}\n) q where ${key} is not null) x
     where n > 1 and n % ${String(size)} = ${size === 1 ? '0' : '1'} group by x.k order by x.k`,
  );
  return rows.map(([bound]) => bound ?? '');
}
