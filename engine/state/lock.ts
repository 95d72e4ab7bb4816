import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { quoteName } from '../postgres/identifier.js';
import { tryLock, type RunHandle } from './store.js';

/**
 * Takes the project's lock again, for a run whose connection with it was lost, if no other run has begun since.
 * @param handle null before the run is written down
 * @throws EtlError exit 3 where one has
 */
export async function retakeLock(
  session: Session,
  schema: string,
  project: string,
  handle: RunHandle | null,
): Promise<void> {
  const isFree = await tryLock(session, schema, project);
  if (isFree && handle === null) return;
  const { rows } = await session.query(
    `select 1 from ${quoteName(schema)}.runs where run = $1 and epoch = $2::bigint and status = 'running'`,
    [handle?.run ?? '', handle?.epoch ?? '0'],
  );
  if (isFree && rows.length > 0) return;
  throw new EtlError(`project "${project}" was taken over by another run while the connection was lost`, {
    exitCode: EXIT.transient,
    help: 'let that one end: it finds again what this one has committed',
  });
}
