import { EXIT, EtlError } from '../../contract/errors.js';
import type { Project } from '../../contract/mapping.js';
import type { RollbackResult, RolledBackMapping } from '../../contract/rollback.js';
import type { Session } from '../../contract/session.js';
import { auditSql } from '../../state/audit.js';
import { StateStore } from '../../state/store.js';
import { readForeignKeys } from '../closure/foreign-keys.js';
import { restoreDeferred } from '../bulk/restore.js';
import { findRows, type Undoing } from './find.js';
import { findRun, withDependants, type PastMapping, type PastRun } from './history.js';
import { keepReferred } from './references.js';
import { assertRecent, assertRights, lockTables } from './rights.js';
import { outcomes, settle } from './settle.js';
import { readTables } from './tables.js';
import { deleteRows, Writer } from './write.js';

export interface RollbackInput {
  readonly project: Project;
  readonly open: (connection: string) => Promise<Session>;
  /** Null for the last run that can be undone. */
  readonly run: string | null;
  /** Chooses among the run's mappings. */
  readonly select: (mappings: readonly PastMapping[]) => ReadonlySet<string>;
  readonly withDependants: boolean;
  /** Rows that were changed since are undone too. */
  readonly force: boolean;
  /** Is asked with what would be done; null where nobody need be asked. */
  readonly confirm: ((would: RollbackResult) => Promise<boolean>) | null;
  readonly say: (line: string) => void;
}

/**
 * Undoes a run on the target, in one transaction: rows that it has created go, rows that it has changed or deleted get
 * their old values back. Rows that others have changed since, and rows that rows of others refer to, stay and are named.
 * Whatever interrupts it, nothing of it has happened then.
 * @throws EtlError exit 2 where the run cannot be undone; exit 3 while a run is under way or the tables are in use
 */
export async function rollbackRun(input: RollbackInput): Promise<RollbackResult> {
  const { project, open } = input;
  const session = await open('target');
  try {
    await assertState(session, project);
    for (const line of await restoreDeferred(session, project.stateSchema, project.name)) input.say(line);
    const store = await StateStore.open(session, project.stateSchema, project.name);
    await store.abandon();
    const past = await findRun(session, store.schema, project.name, input.run);
    if (past === null) {
      throw new EtlError(`project "${project.name}" has no run that could be undone`, {
        exitCode: EXIT.usage,
      });
    }
    const chosen = withDependants(past.mappings, input.select(past.mappings), input.withDependants);
    if (chosen.length === 0) return resultOf(input, past.run, []);
    const attempt = (commit: boolean): Promise<readonly RolledBackMapping[]> =>
      inTransaction(session, commit, () => undo(input, session, store.schema, past, chosen));
    if (input.confirm !== null) {
      const would = resultOf(input, past.run, await attempt(false));
      if (!(await input.confirm(would))) return { ...would, status: 'refused', exitCode: EXIT.done };
    }
    const of = { project: project.name, run: past.run };
    const names = chosen.map(({ rows }) => rows.mapping);
    const begun = { ...of, event: 'rollback begun', details: { mappings: names, force: input.force } };
    await session.query(auditSql(store.schema, begun));
    return resultOf(input, past.run, await attempt(true));
  } finally {
    await session.close();
  }
}

async function assertState(session: Session, { stateSchema, name }: Project): Promise<void> {
  const { rows } = await session.query('select to_regclass(format($1, $2::text))', ['%I.runs', stateSchema]);
  if (rows[0]?.[0] !== null) return;
  throw new EtlError(`project "${name}" has no run that could be undone`, {
    exitCode: EXIT.usage,
    help: `the target has no schema "${stateSchema}", where runs are written down`,
  });
}

async function inTransaction<T>(session: Session, commit: boolean, work: () => Promise<T>): Promise<T> {
  await session.query(
    `begin; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = '10min'; set local row_security = off`,
  );
  try {
    const done = await work();
    await session.query(commit ? 'commit' : 'rollback');
    return done;
  } catch (error) {
    await session.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function undo(
  { project, force }: RollbackInput,
  session: Session,
  schema: string,
  { run }: PastRun,
  chosen: readonly PastMapping[],
): Promise<readonly RolledBackMapping[]> {
  await assertRecent(session, schema, run);
  const mappings = await readTables(session, chosen);
  const incoming = await readForeignKeys(
    session,
    mappings.map(({ oid }) => oid),
  );
  await assertRights(session, mappings, incoming);
  await lockTables(session, mappings);
  const undoing: Undoing = { session, schema, project: project.name, run, mappings, force };
  await findRows(undoing);
  const writer = new Writer(undoing);
  await writer.letGo();
  await keepReferred(undoing, incoming);
  await deleteRows(undoing);
  await writer.putBack();
  const done = await outcomes(undoing);
  await settle(undoing, done, writer.restored);
  // What only the commit would check is an error of the rollback, not of its commit.
  await session.query('set constraints all immediate');
  const details = done.map(({ mapping, deleted, restored, kept }) => ({
    mapping,
    deleted,
    restored,
    kept: kept.length,
  }));
  await session.query(
    auditSql(schema, {
      project: project.name,
      run,
      event: 'rollback finished',
      details: { mappings: details },
    }),
  );
  return done;
}

function resultOf(
  { project }: RollbackInput,
  run: string,
  mappings: readonly RolledBackMapping[],
): RollbackResult {
  const kept = mappings.some((mapping) => mapping.kept.length > 0);
  const status = mappings.length === 0 ? 'nothing' : kept ? 'partly' : 'rolled_back';
  return { run, project: project.name, status, exitCode: kept ? EXIT.rejects : EXIT.done, mappings };
}
