import type { OwnRows } from '../../contract/constraints.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';
import { sqlstateOf } from '../../postgres/failure.js';
import { quoteName, quoteText } from '../../postgres/identifier.js';
import { samePair } from '../../postgres/undo.js';
import { Closure } from '../closure/closure.js';
import type { Edge } from '../closure/edge.js';
import { keyEdge, readForeignKeys } from '../closure/foreign-keys.js';
import { toMembers } from '../closure/sql.js';
import { pairsNamed } from '../keys/pairs.js';
import type { Failed } from '../bulk/put-back.js';

/** Rows that stand in the way of constraints, held under a lock until they are taken away or let go. */
export interface LateRows {
  /** The source keys' parts. */
  readonly keys: readonly (readonly string[])[];
  /** Rows of the table. */
  readonly count: number;
}

/** A second pass that waited on a row that is gone. */
export interface Waited {
  readonly column: string;
  readonly reference: string;
}

/** SQLSTATEs whose rows the constraint's own query finds: a duplicate, a reference to nothing. */
const FOUND_BY_QUERY = new Set(['23505', '23503']);

/**
 * Begins a transaction that finds and holds the rows in the way of some objects, with all rows that refer to
 * them; where their own queries find none, or the server complained of something else, it is every row.
 * @throws EtlError exit 5 where some of them are not the mapping's
 */
export async function holdLate(
  session: Session,
  schema: string,
  rows: OwnRows,
  failed: readonly Failed[],
  everyRow: boolean,
): Promise<LateRows> {
  await session.query(`begin; lock table only ${rows.table} in share row exclusive mode`);
  const closure = new Closure(session, ownEdges(rows));
  await closure.open();
  const queries = failed.flatMap(({ deferred, error }) =>
    deferred.violatorsSql !== null && FOUND_BY_QUERY.has(sqlstateOf(error) ?? '')
      ? [deferred.violatorsSql]
      : [],
  );
  let count = 0;
  if (!everyRow && queries.length === failed.length) {
    const found = queries.map((sql) => `(${sql})`).join(' union ');
    const table = `${quoteText(rows.table)}::regclass::oid`;
    count = await closure.add(0, `select ${table}, v.at, true from (${found}) v (at)`);
  }
  if (count === 0) count = await closure.add(0, `select tableoid, ctid, true from only ${rows.table}`);
  else count += await closure.spread();
  return { keys: await keysOf(session, schema, rows, failed, count), count };
}

/** How rows of the table refer to others of it. */
const ownEdges = ({ table, links }: OwnRows): readonly Edge[] =>
  links.map(({ columns, referenced }) => {
    const on = columns.map((name, n) => `t.${quoteName(name)} = m.${quoteName(referenced[n] ?? '')}`);
    return keyEdge({ pairs: `only ${table} t join only ${table} m on ${on.join(' and ')}` });
  });

async function keysOf(
  session: Session,
  schema: string,
  rows: OwnRows,
  failed: readonly Failed[],
  count: number,
): Promise<readonly (readonly string[])[]> {
  const names = rows.keys.map((name) => `t.${quoteName(name)}`);
  const key =
    rows.found === 'target'
      ? `case when ${names.map((name) => `${name} is not null`).join(' and ')}
         then json_build_array(${names.map((name) => `format('%s', ${name})`).join(', ')})::text end`
      : 'k.source_key';
  const pairs =
    rows.found === 'target'
      ? ''
      : `left join ${schema}.key_map k on ${pairsNamed(rows.project, rows.mapping)} and ${samePair(rows.handle)}`;
  const shown = rows.handle.map(
    (name) => `${quoteText(`${name} `)} || coalesce(t.${quoteName(name)}::text, 'null')`,
  );
  const found = await session.query(
    `select ${key}, ${shown.join(` || ', ' || `)} from pg_temp.etl_closure c join only ${rows.table} t on t.ctid = c.at ${pairs}`,
  );
  const strange = found.rows.filter(([text]) => text === null);
  if (strange.length > 0 || found.rows.length < count) {
    const examples = strange.slice(0, 5).map(([, row]) => row ?? '');
    throw notOurs(
      rows,
      failed,
      `${String(strange.length)} of them, ${examples.join('; ')}, were not loaded by it`,
    );
  }
  return found.rows.map(([text]) => keyParts(rows, text ?? ''));
}

/** The error of rows that are not the mapping's to take away. */
export function notOurs({ table, mapping }: OwnRows, failed: readonly Failed[], which: string): EtlError {
  const said = failed.map(({ deferred, error }) => `${deferred.object}: ${error.message}`).join('; ');
  const what = failed.map(({ deferred }) => deferred.object).join(', ');
  return new EtlError(
    `${table}: ${what} cannot be put back, rows that are not of mapping ${mapping} are in the way: ${which} (${said})`,
    {
      exitCode: EXIT.checks,
      help: 'mend or delete those rows; the next command then puts back what etl.deferred holds',
    },
  );
}

const keyParts = ({ found, sourceKey }: OwnRows, text: string): readonly string[] =>
  found === 'target' || sourceKey > 1 ? (JSON.parse(text) as string[]) : [text];

/**
 * Deletes the rows that are held, with their pairs and what second passes would do about them; the caller
 * commits. Gives the second passes.
 * @throws EtlError exit 5 where another table's rows would go with them
 */
export async function takeAway(
  session: Session,
  schema: string,
  rows: OwnRows,
  failed: readonly Failed[],
): Promise<readonly Waited[]> {
  await assertAlone(session, rows, failed);
  const held = `only ${rows.table} t, pg_temp.etl_closure c where t.ctid = c.at and ${samePair(rows.handle)}`;
  const waited = await session.query(
    `delete from ${schema}.second_pass k using ${held} and k.mapping = ${quoteText(rows.mapping)}
       and k.run in (select run from ${schema}.runs where project = ${quoteText(rows.project)})
     returning k.column_name, k.reference_key`,
  );
  if (rows.found === 'key_map') {
    await session.query(
      `delete from ${schema}.key_map k using ${held} and ${pairsNamed(rows.project, rows.mapping)}`,
    );
  }
  await session.query(`delete from only ${rows.table} t using pg_temp.etl_closure c where t.ctid = c.at`);
  return waited.rows.map(([column, reference]) => ({ column: column ?? '', reference: reference ?? '' }));
}

/** Rows of other tables must not be deleted or changed by what becomes of theirs. */
async function assertAlone(session: Session, rows: OwnRows, failed: readonly Failed[]): Promise<void> {
  const own = (await session.query('select $1::regclass::oid', [rows.table])).rows[0]?.[0] ?? '';
  for (const key of await readForeignKeys(session, [own])) {
    if (key.oid === own || !CHANGING.has(key.onDelete)) continue;
    const { rows: found } = await session.query(`select count(*) from ${toMembers(keyEdge(key))}`);
    const count = found[0]?.[0] ?? '0';
    if (count !== '0') {
      throw notOurs(rows, failed, `${count} rows of ${key.shown} refer to them by ${key.name}`);
    }
  }
}

/** ON DELETE CASCADE, SET NULL and SET DEFAULT. */
const CHANGING = new Set(['c', 'n', 'd']);
