import type { CompiledColumn, CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import type { TracedTarget } from '../contract/trace.js';
import { quoteName, tableRows } from '../postgres/identifier.js';
import { pairsNamed } from '../run/keys/pairs.js';
import { samePair } from '../postgres/undo.js';
import { differ } from '../run/verify/types.js';

/** The target's row of a record, whole. */
export interface StandingRow {
  readonly values: Readonly<Record<string, string | null>>;
  readonly xmin: string;
}

const handleOf = ({ handle, columns }: CompiledMapping): readonly CompiledColumn[] =>
  handle.flatMap((index) => columns[index] ?? []);

/** What finds the row: the handle's columns with its parts. */
export function foundBy(
  compiled: CompiledMapping,
  handle: string | null,
): Readonly<Record<string, string | null>> {
  const columns = handleOf(compiled);
  const parts = handle === null ? [] : columns.length === 1 ? [handle] : (JSON.parse(handle) as string[]);
  return Object.fromEntries(columns.map(({ column }, n) => [column.name, parts[n] ?? null]));
}

/** The row that a handle finds; null where there is none. */
export async function standingRow(
  target: Session,
  compiled: CompiledMapping,
  handle: string,
): Promise<StandingRow | null> {
  const columns = handleOf(compiled);
  if (columns.length === 0) return null;
  const condition = columns.map(
    ({ column }, n) => `t.${quoteName(column.name)} = $${String(n + 1)}::text::${column.type.sql}`,
  );
  const { columns: names, rows } = await target.query(
    `select t.xmin::text, t.* from ${tableRows(compiled.table)} t where ${condition.join(' and ')} limit 1`,
    columns.length === 1 ? [handle] : (JSON.parse(handle) as string[]),
  );
  const [row] = rows;
  if (row === undefined) return null;
  const [xmin, ...values] = row;
  const list = names.slice(1).map(({ name }, n) => [name, values[n] ?? null] as const);
  return { values: Object.fromEntries(list), xmin: xmin ?? '' };
}

/**
 * Where the row that stands differs from the one that is made, by the target's own types.
 * @param made the value of each column whose value is known; what differs from run to run is left out
 */
export async function differencesOf(
  target: Session,
  compiled: CompiledMapping,
  row: StandingRow,
  made: ReadonlyMap<string, string | null>,
): Promise<TracedTarget['differences']> {
  const found: { column: string; now: string | null; would_be: string | null }[] = [];
  for (const { column, volatile } of compiled.columns) {
    const wanted = made.get(column.name);
    const now = row.values[column.name] ?? null;
    if (volatile || wanted === undefined || wanted === now) continue;
    if (wanted !== null && now !== null) {
      const text = column.type.base === 'boolean' ? (now === 't' ? 'true' : 'false') : now;
      if (text === wanted) continue;
      const [differs] = await differ(target, column.type, [{ made: wanted, held: now }]);
      if (differs !== true) continue;
    }
    found.push({ column: column.name, now, would_be: wanted });
  }
  return found;
}

/** The other mappings that have a pair of the row. @param schema quoted */
export async function sharersOf(
  target: Session,
  schema: string,
  compiled: CompiledMapping,
  handle: string,
): Promise<TracedTarget['shared_with']> {
  const others = compiled.sharedWith.filter((other) => other.handle.length > 0);
  const found: { mapping: string; key: string }[] = [];
  for (const other of others) {
    const columns = handleOf(compiled);
    const condition = columns.map(
      ({ column }, n) => `t.${quoteName(column.name)} = $${String(n + 1)}::text::${column.type.sql}`,
    );
    const { rows } = await target.query(
      `select k.source_key from ${tableRows(compiled.table)} t join ${schema}.key_map k on ${samePair(other.handle)}
       where ${pairsNamed(compiled.project, other.mapping)} and ${condition.join(' and ')}`,
      columns.length === 1 ? [handle] : (JSON.parse(handle) as string[]),
    );
    for (const [key] of rows) found.push({ mapping: other.mapping, key: key ?? '' });
  }
  return found;
}
