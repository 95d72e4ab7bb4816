import type { Session } from '../contract/session.js';
import { freeConnections, type FreeConnections } from '../postgres/free-connections.js';
import { poolerOf, type Pooler } from '../postgres/pooler.js';
import { roomOf } from '../run/sessions/session-budget.js';

/** What a server says of a connection, and this end of it. */
export interface ConnectionFacts {
  readonly name: string;
  readonly host: string;
  /** `server_version_num`: 150004. */
  readonly version: number;
  readonly encoding: string;
  /** Seconds that the server's clock is ahead of this machine's. */
  readonly clockAhead: number;
  readonly free: FreeConnections;
  readonly superuser: boolean;
  readonly standby: boolean;
  readonly readOnly: boolean;
  readonly pooler: Pooler;
  readonly tls: { readonly protocol: string; readonly validTo: Date | null } | null;
  /** The certificate is checked against an authority. */
  readonly verified: boolean;
  /** Bytes of the database. */
  readonly size: number;
}

/** A session with what its socket knows. */
export interface CheckedSession extends Session {
  readonly tls: ConnectionFacts['tls'];
  readonly namedPid: number;
  readonly pooled: boolean;
  readonly endPoint: { readonly host: string };
}

const FACTS = `
  select current_setting('server_version_num'), current_setting('server_encoding'),
    extract(epoch from clock_timestamp()),
    (select rolsuper from pg_roles where rolname = current_user), pg_is_in_recovery(),
    (select reset_val from pg_settings where name = 'default_transaction_read_only') = 'on', pg_database_size(current_database())`;

/**
 * Asks a server about a connection.
 * @param open another session on the same connection, to see what stands in between, and how many it lets in
 * @param needed connections that a run opens at the most
 */
export async function readConnection(
  name: string,
  session: CheckedSession,
  open: () => Promise<Session>,
  verified: boolean,
  needed: number,
): Promise<ConnectionFacts> {
  const before = Date.now();
  const { rows } = await session.query(FACTS);
  const now = (before + Date.now()) / 2000;
  const own = await freeConnections(session);
  const free = session.pooled ? await letIn(own, open, needed) : own;
  const [version, encoding, clock, superuser, standby, readOnly, size] = rows[0] ?? [];
  return {
    name,
    host: session.endPoint.host,
    version: Number(version),
    encoding: encoding ?? '',
    clockAhead: Number(clock) - now,
    free,
    superuser: superuser === 't',
    standby: standby === 't',
    readOnly: readOnly === 't',
    // One that waits for another to leave gives its sessions of the server away as wholes.
    pooler: session.pooled && free.count === 1 ? 'session' : await poolerOf(session, open),
    tls: session.tls,
    verified,
    size: Number(size),
  };
}

/** What a pooler lets in nobody can ask: it is tried. The session at hand counts. */
async function letIn(
  own: FreeConnections,
  open: () => Promise<Session>,
  needed: number,
): Promise<FreeConnections> {
  const wanted = Math.min(own.count, needed - 1);
  const count = 1 + (await roomOf(open, Math.max(0, wanted)));
  if (count > wanted) return own;
  return { ...own, count, limit: 'the pooler before it (its pool size, or max_client_conn)' };
}
