import type { Session } from '../contract/session.js';
import type { Watermark } from '../contract/watermark.js';

const utc = (sql: string): string => `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * What is in flight of the sessions that may write here. The time of a prepared transaction is that of its
 * PREPARE, so that an hour is taken for what was before it. A standby knows nothing of the transactions of its
 * primary, and shows it as it was at its last commit that was replayed.
 */
const SQL = `select ${utc('case when standby then least(now(), replayed) else now() end')},
    ${utc('case when standby or hidden then null else least(now(), begun, prepared) end')}, replayed is null and standby
  from (select pg_is_in_recovery() as standby, pg_last_xact_replay_timestamp() as replayed) s,
    (select min(xact_start) filter (where backend_type not in ('autovacuum worker', 'walsender')) as begun,
       coalesce(bool_or(query = '<insufficient privilege>' or state = 'disabled'), false) as hidden
     from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()) a,
    (select min(prepared) - interval '1 hour' as prepared from pg_prepared_xacts where database = current_database()) p`;

/**
 * The time of a snapshot that is taken next on this session, outside of a transaction: a transaction that this
 * snapshot does not see is in flight now, or begins later. Null where it cannot be told.
 */
export async function readWatermark(session: Session): Promise<Watermark | null> {
  const { rows } = await session.query(SQL);
  const [taken, oldest, unknown] = rows[0] ?? [];
  return typeof taken !== 'string' || unknown === 't' ? null : { taken, oldest: oldest ?? null };
}
