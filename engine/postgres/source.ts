import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { isRetryable } from './failure.js';
import { quoteTable } from './identifier.js';

/**
 * Opens the transaction that all readers share the snapshot of, after its tables are locked against
 * TRUNCATE and rewrites: such a change after the snapshot would show no rows and no error.
 * @param tables schema and name of every table that the readers touch
 * @returns the snapshot's name for `set transaction snapshot`
 */
export async function exportSnapshot(
  session: Session,
  tables: readonly { readonly schema: string; readonly name: string }[],
): Promise<string> {
  // Asked before the transaction: its first query would take the snapshot ahead of the locks.
  const lockable = await lockableOf(session, tables.map(quoteTable));
  await session.query('begin isolation level repeatable read read only');
  await session.query("set local lock_timeout = '30s'");
  await session.query('set local idle_in_transaction_session_timeout = 0');
  if (lockable.length > 0) await session.query(`lock table ${lockable.join(', ')} in access share mode`);
  const { rows } = await session.query('select pg_export_snapshot()');
  return rows[0]?.[0] ?? '';
}

/**
 * Those that LOCK TABLE takes: no materialized views, foreign tables or sequences, and no table behind a view
 * that the role may read through the view alone.
 */
async function lockableOf(session: Session, tables: readonly string[]): Promise<readonly string[]> {
  const { rows } = await session.query(
    `select name from json_array_elements_text($1) name join pg_class c on c.oid = to_regclass(name)
     where c.relkind in ('r', 'p') and has_table_privilege(c.oid, 'select')`,
    [JSON.stringify(tables)],
  );
  return rows.map(([name]) => name ?? '');
}

/** What ends sessions of a standby. */
const STANDBY =
  '; the source is a standby, which ends sessions that its recovery waits for: raise its max_standby_streaming_delay, set hot_standby_feedback, or read from the primary';

async function isStandby(session: Session): Promise<boolean> {
  const { rows } = await session.query('rollback; select pg_is_in_recovery()');
  return rows[0]?.[0] === 't';
}

/** Opens a reader's transaction in an exported snapshot; row-level security raises an error instead of hiding rows. */
export async function openReader(session: Session, snapshot: string): Promise<void> {
  await session.query('begin isolation level repeatable read read only');
  // Whoever waits for an exclusive lock (TRUNCATE, ALTER) waits for the snapshot's keeper, and a reader behind
  // him would wait for ever.
  await session.query(`set local lock_timeout = '10s'`);
  try {
    await session.query(`set transaction snapshot '${snapshot}'`);
  } catch (cause) {
    if (isRetryable(cause)) throw cause;
    const standby = await isStandby(session).catch(() => false);
    throw new EtlError(
      `the snapshot ${snapshot} is gone: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        exitCode: EXIT.transient,
        help: `the session that kept it was ended (the source was restarted, or somebody ended it), and no other snapshot shows the same rows (or the host's name leads to several servers in turn, as a reader endpoint does: then name one of them): etl resume goes on with a new one, and compares what is loaded${standby ? STANDBY : ''}`,
        cause,
      },
    );
  }
  await session.query('set local row_security = off');
}

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly Schema?: string;
  readonly 'Plan Rows'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** The planner's view of a query. */
export interface Explained {
  readonly rows: number;
  readonly tables: readonly { readonly schema: string; readonly name: string }[];
}

/** The planner's view of each query, or why it is refused, in one round trip. */
export async function explainEach(
  session: Session,
  queries: readonly string[],
): Promise<readonly (Explained | EtlError)[]> {
  const answers = await session.queries(queries.map((sql) => `explain (verbose, format json) ${sql}`));
  return answers.map((answer) =>
    answer instanceof EtlError ? answer : explained(answer.rows[0]?.[0] ?? '[]'),
  );
}

/** The same. @throws EtlError for the first that is refused */
export async function explain(session: Session, queries: readonly string[]): Promise<readonly Explained[]> {
  return (await explainEach(session, queries)).map((answer) => {
    if (answer instanceof EtlError) throw answer;
    return answer;
  });
}

function explained(json: string): Explained {
  const [root] = JSON.parse(json) as { Plan: PlanNode }[];
  const tables = new Map<string, { schema: string; name: string }>();
  const visit = (node: PlanNode): void => {
    const { 'Relation Name': name, Schema: schema } = node;
    if (name !== undefined && schema !== undefined && schema !== 'pg_catalog') {
      tables.set(quoteTable({ schema, name }), { schema, name });
    }
    for (const child of node.Plans ?? []) visit(child);
  };
  if (root !== undefined) visit(root.Plan);
  return { rows: root?.Plan['Plan Rows'] ?? 0, tables: [...tables.values()] };
}
