import type { Session } from '../contract/session.js';

/** Connections that a role may still open. */
export interface FreeConnections {
  /** Tells one server from another. */
  readonly server: string;
  readonly count: number;
  /** By the server's own limit, which all of its databases and roles share. */
  readonly shared: number;
  /** The limit that leaves the fewest. */
  readonly limit: string;
}

/**
 * Each limit by itself; the smallest counts. What other roles' sessions do is hidden from a role without rights, but
 * not that they are there.
 */
const SQL = `
  select pg_postmaster_start_time()::text || ' ' || current_setting('port'), l.free, l.name, max(l.free) filter (where l.n = 1) over ()
  from (values
    (1, current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0)
        - (select count(*) from pg_stat_activity where usesysid is not null and coalesce(backend_type, '') not in ('parallel worker', 'walsender')),
      'the server''s max_connections (' || current_setting('max_connections') || ', some reserved)'),
    (2, (select case when d.datconnlimit < 0 then null else d.datconnlimit
         - (select count(*) from pg_stat_activity a where a.datid = d.oid) end
       from pg_database d where d.datname = current_database()), 'the connection limit of the database ' || current_database()),
    (3, (select case when r.rolconnlimit < 0 then null else r.rolconnlimit
         - (select count(*) from pg_stat_activity a where a.usesysid = r.oid) end
       from pg_roles r where r.rolname = current_user), 'the connection limit of the role ' || current_user)
  ) l (n, free, name)
  where l.free is not null order by l.free limit 1`;

export async function freeConnections(session: Session): Promise<FreeConnections> {
  const { rows } = await session.query(SQL);
  const [server, count, limit, shared] = rows[0] ?? [];
  return {
    server: server ?? '',
    count: Math.max(0, Number(count)),
    limit: limit ?? '',
    shared: Math.max(0, Number(shared)),
  };
}
