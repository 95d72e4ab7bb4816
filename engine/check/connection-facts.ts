import type { Session } from '../contract/session.js';
import { poolerOf, type Pooler } from '../postgres/pooler.js';

/** What a server says of a connection, and this end of it. */
export interface ConnectionFacts {
  readonly name: string;
  readonly host: string;
  /** `server_version_num`: 150004. */
  readonly version: number;
  readonly encoding: string;
  /** Seconds that the server's clock is ahead of this machine's. */
  readonly clockAhead: number;
  /** Connections that the role may still open. */
  readonly free: number;
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
  readonly endPoint: { readonly host: string };
}

/** Each limit by itself; the smallest counts. A role without rights sees the number of sessions all the same. */
const FACTS = `
  select current_setting('server_version_num'), current_setting('server_encoding'),
    extract(epoch from clock_timestamp()),
    least(
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0)
        - (select count(*) from pg_stat_activity where backend_type = 'client backend'),
      (select case when d.datconnlimit < 0 then null else d.datconnlimit
         - (select count(*) from pg_stat_activity a where a.datid = d.oid) end
       from pg_database d where d.datname = current_database()),
      (select case when r.rolconnlimit < 0 then null else r.rolconnlimit
         - (select count(*) from pg_stat_activity a where a.usesysid = r.oid) end
       from pg_roles r where r.rolname = current_user)),
    (select rolsuper from pg_roles where rolname = current_user), pg_is_in_recovery(),
    (select reset_val from pg_settings where name = 'default_transaction_read_only') = 'on', pg_database_size(current_database())`;

/**
 * Asks a server about a connection.
 * @param open another session on the same connection, to see whether a pooler gives them one server process
 */
export async function readConnection(
  name: string,
  session: CheckedSession,
  open: () => Promise<Session>,
  verified: boolean,
): Promise<ConnectionFacts> {
  const before = Date.now();
  const { rows } = await session.query(FACTS);
  const now = (before + Date.now()) / 2000;
  const [version, encoding, clock, free, superuser, standby, readOnly, size] = rows[0] ?? [];
  return {
    name,
    host: session.endPoint.host,
    version: Number(version),
    encoding: encoding ?? '',
    clockAhead: Number(clock) - now,
    free: Number(free),
    superuser: superuser === 't',
    standby: standby === 't',
    readOnly: readOnly === 't',
    pooler: await poolerOf(session, open),
    tls: session.tls,
    verified,
    size: Number(size),
  };
}
