import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';
import { quoteName } from '../../postgres/identifier.js';
import { handleText } from '../../postgres/undo.js';
import type { PastMapping } from './history.js';

interface LiveColumn {
  readonly name: string;
  /** As it may stand in SQL, without modifier. */
  readonly type: string;
  /** `generated always as identity`: an UPDATE cannot set it. */
  readonly always: boolean;
  /** Part of a foreign key of the table. */
  readonly refers: boolean;
}

/** A mapping to undo, with its table as it stands now. */
export interface Undone extends PastMapping {
  /** Its number in the temporary tables. */
  readonly n: number;
  readonly oid: string;
  /** `only schema.table`, or the name alone where partitions hold the rows. */
  readonly from: string;
  /** The columns that can be written. */
  readonly columns: readonly LiveColumn[];
  /** Rows that the run has deleted and made anew with the same handle get their old values in place. */
  readonly inPlace: boolean;
}

/** Reads the tables of mappings. @throws EtlError exit 2 where one is gone or has lost a column that finds its rows */
export async function readTables(
  session: Session,
  mappings: readonly PastMapping[],
): Promise<readonly Undone[]> {
  const found: Undone[] = [];
  for (const [n, mapping] of mappings.entries()) {
    const { table, handle } = mapping.rows;
    const { rows } = await session.query(
      `select c.oid, c.relkind, a.attname, format('%I.%I', tn.nspname, t.typname), a.attidentity = 'a',
         exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey))
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
       join pg_type t on t.oid = a.atttypid join pg_namespace tn on tn.oid = t.typnamespace
       where c.oid = to_regclass($1) order by a.attnum`,
      [table],
    );
    const columns = rows.map((row) => ({
      name: row[2] ?? '',
      type: row[3] ?? '',
      always: row[4] === 't',
      refers: row[5] === 't',
    }));
    const lost = handle.filter((name) => !columns.some((column) => column.name === name));
    if (rows.length === 0 || lost.length > 0) {
      const what = rows.length === 0 ? 'is gone' : `has lost its column ${lost.join(', ')}`;
      throw new EtlError(`${mapping.name}: table ${table} ${what}, so that its rows cannot be found`, {
        exitCode: EXIT.usage,
        help: `bring it back, or leave the mapping out: --exclude ${mapping.name}`,
      });
    }
    found.push({
      ...mapping,
      n,
      oid: rows[0]?.[0] ?? '',
      from: rows[0]?.[1] === 'p' ? table : `only ${table}`,
      columns,
      inPlace: !columns.some(({ name, always }) => always && !handle.includes(name)),
    });
  }
  return found;
}

/** How a row `t` of the table is the one that a handle's text names; compared by the columns' own types. */
export function matches({ rows, columns }: Undone, text: string): string {
  const { handle } = rows;
  const equal = handle.map((name, n) => {
    const type = columns.find((column) => column.name === name)?.type ?? 'text';
    const part = handle.length === 1 ? text : `(${text})::jsonb->>${String(n)}`;
    return `t.${quoteName(name)} = (${part})::${type}`;
  });
  return equal.length === 0 ? 'false' : equal.join(' and ');
}

/** A row `t`'s handle as text; its place where the mapping has none. */
export const shownHandle = ({ rows }: Undone): string =>
  rows.handle.length === 0 ? `'row ' || t.ctid::text` : handleText(rows.handle);
