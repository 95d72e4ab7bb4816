import { setTimeout as wait } from 'node:timers/promises';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { sqlstateOf } from './failure.js';

/** A process of the server: with its start, for another may have its id by now. */
export interface Backend {
  readonly pid: number;
  /** As {@link BACKEND_START} gives it. */
  readonly backendStart: string;
}

/** SQL of a process's start in UTC; over `pg_stat_activity` or `pg_stat_get_activity`. */
export const BACKEND_START = `to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Milliseconds that a process has to end, or, where it may not be ended, to end its transaction. */
const WITHIN = 60_000;
const LOOK_EVERY = 100;

const FORBIDDEN = '42501';

/**
 * Ends a process of the server and waits until it is gone, so that nothing it was asked to do can be committed any
 * more. One that the role may not end, or may not look at, is waited for until it holds nothing for writing.
 * @throws EtlError exit 3 where it is still there after `within` milliseconds
 */
export async function endBackend(
  session: Session,
  { pid, backendStart }: Backend,
  within = WITHIN,
): Promise<void> {
  const which = `pid = $1 and (backend_start is null or ${BACKEND_START} = $2) and pid <> pg_backend_pid()`;
  const values = [pid, backendStart];
  const ours = `${which} and backend_start is not null`;
  const ended = await session
    .query(`select pg_terminate_backend(pid) from pg_stat_activity where ${ours}`, values)
    .then(() => true)
    .catch((error: unknown) => {
      if (sqlstateOf(error) !== FORBIDDEN) throw error;
      return false;
    });
  const writes = `exists (select from pg_locks l where l.pid = a.pid and l.granted and l.locktype = 'relation'
    and l.mode not in ('AccessShareLock', 'RowShareLock'))`;
  // Who may not see its start may not end it either: it may be another's, that has the id by now.
  const left = `select from pg_stat_activity a where ${which} and (${ended ? 'backend_start is not null or' : ''} ${writes})`;
  const deadline = Date.now() + within;
  while ((await session.query(left, values)).rows.length > 0) {
    if (Date.now() > deadline) throw stillThere(pid);
    await wait(LOOK_EVERY);
  }
}

const stillThere = (pid: number): EtlError =>
  new EtlError(
    `process ${String(pid)} of the target's server still holds what an earlier connection was loading`,
    {
      exitCode: EXIT.transient,
      help: `let someone who may end it: select pg_terminate_backend(${String(pid)}); then: etl resume`,
    },
  );
