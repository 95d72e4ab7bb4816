import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import { quoteName, quoteTable, quoteText } from '../postgres/identifier.js';
import { comparableSql } from './values.js';

/** A row of the target: column → comparable text. */
export type FoundRow = ReadonlyMap<string, string | null>;

/** What became of a source row that is not among the target's. */
export interface FoundFate {
  readonly key: string | null;
  readonly column: string | null;
  readonly rule: string;
  readonly reason: string | null;
  /** The line of the mapping that decided it, `tasks.yaml:24`. */
  readonly place: string;
}

export interface Found {
  readonly rows: readonly FoundRow[];
  readonly rejects: readonly FoundFate[];
  readonly warnings: readonly FoundFate[];
  readonly skipped: readonly FoundFate[];
}

/** Reads what a run has left in the target. @param schema the state schema, quoted */
export async function observe(
  session: Session,
  { table, mapping }: CompiledMapping,
  { schema, run }: { readonly schema: string; readonly run: string },
): Promise<Found> {
  const list = table.columns.map(({ name, type }) => comparableSql(quoteName(name), type)).join(', ');
  const { rows } = await session.query(`select ${list} from ${quoteTable(table)} order by ctid`);
  const fates = async (name: string, columns: string): Promise<readonly FoundFate[]> => {
    const found = await session.query(
      `select source_key, rule, file || ':' || line, ${columns} from ${schema}.${name}
       where run = ${quoteText(run)} and mapping = ${quoteText(mapping.name)} order by ctid`,
    );
    return found.rows.map(([key = null, rule, place, column = null, reason = null]) => ({
      ...{ key, column, rule: rule ?? '', reason, place: place ?? '' },
    }));
  };
  return {
    rows: rows.map((row) => new Map(table.columns.map(({ name }, n) => [name, row[n] ?? null]))),
    rejects: await fates('rejects', 'column_name, reason'),
    warnings: await fates('warnings', 'column_name, reason'),
    skipped: await fates('skipped', 'null, null'),
  };
}
