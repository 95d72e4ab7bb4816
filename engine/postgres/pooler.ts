import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';

/** None, or whether a server process is a session's own for as long as it lasts or for a transaction. */
export type Pooler = 'none' | 'session' | 'transaction';

/** A session, and the process that was named when it was opened. */
interface Named extends Session {
  readonly namedPid: number;
  readonly pooled: boolean;
}

/**
 * What stands before the server. A pooler names a process of its own when a connection is opened. In transaction mode the server process is free between two statements: another
 * session that begins a transaction takes it, or the setting of the first is gone.
 * @param open another session on the same connection
 */
export async function poolerOf(session: Named, open: () => Promise<Session>): Promise<Pooler> {
  if (!session.pooled) return 'none';
  const ask = async (): Promise<string> => {
    const { rows } = await session.query(
      "select pg_backend_pid() || ' ' || coalesce(current_setting('crosswalk.pooler', true), '')",
    );
    return rows[0]?.[0] ?? '';
  };
  const mark = String(session.namedPid);
  await session.query("select set_config('crosswalk.pooler', $1, false)", [mark]);
  const alone = await ask();
  const other = await open();
  try {
    await other.query('begin read only');
    await other.query('select 1');
    if (!alone.endsWith(` ${mark}`) || (await ask()) !== alone) return 'transaction';
    await other.query('rollback');
  } finally {
    await other.close();
  }
  return 'session';
}

/** Why nothing is done by way of a pooler whose transactions are anybody's. */
export const transactionPooler = (name: string): EtlError =>
  new EtlError(
    `a pooler in transaction mode stands before "${name}": its locks and settings would be anybody's`,
    {
      exitCode: EXIT.usage,
      help: POOLER_HELP,
    },
  );

export const POOLER_HELP =
  'name the session port in the url (often 5432 in place of 6543), or the server itself';
