import type { Session } from '../contract/session.js';
import type { HistoryEntry, Writer } from '../contract/trace.js';
import { isoSql } from './reading.js';

/** A row of a mapping, as the state knows it. */
export interface KnownRow {
  readonly project: string;
  readonly mapping: string;
  /** The key as rejects keep it. */
  readonly key: string;
  /** As `key_map.target_key` has it; null where the target has no such row. */
  readonly handle: string | null;
  /** The row's `xmin`; null as above. */
  readonly xmin: string | null;
}

const ENTRIES = 100;

/** What runs have noted of a key, the newest first. @param schema quoted */
export async function readHistory(
  session: Session,
  schema: string,
  { project, mapping, key, handle }: KnownRow,
): Promise<readonly HistoryEntry[]> {
  const noted = (table: string, event: string): string =>
    `select j.run, '${event}' as event, j.column_name, j.rule, j.reason, j.value, j.file, j.line
     from ${schema}.${table} j where j.mapping = $2 and j.source_key = $3`;
  const { rows } = await session.query(
    `select n.run, ${isoSql('r.started_at')}, r.status, n.event, n.column_name, n.rule, n.reason, n.value, n.file, n.line,
       n.event = 'rejected' and exists (select from ${schema}.open_rejects o
         where o.project = r.project and o.run = n.run and o.mapping = $2 and o.source_key = $3)
     from (${noted('rejects', 'rejected')} union all ${noted('warnings', 'warned')}
       union all select k.run, 'skipped', null, k.rule, null, null, k.file, k.line from ${schema}.skipped k
         where k.mapping = $2 and k.source_key = $3
       union all select u.run, 'changed', null, null, u.kind, null, null, null from (
         select distinct run, kind from ${schema}.undo where mapping = $2 and handle = $4) u) n
     join ${schema}.runs r on r.run = n.run where r.project = $1
     order by r.epoch desc, n.event, n.line limit ${String(ENTRIES)}`,
    [project, mapping, key, handle],
  );
  return rows.map(([run, at, status, event, column, rule, reason, value, file, line, open]) => ({
    run: run ?? '',
    at: at ?? '',
    status: status ?? '',
    event: event as HistoryEntry['event'],
    open: open === 't',
    column: column ?? null,
    rule: rule ?? null,
    reason: reason ?? null,
    value: value ?? null,
    at_line: file === null || file === undefined ? null : { file, line: Number(line) },
  }));
}

/** The runs that made a row and that wrote it last; null where the state does not know. @param schema quoted */
export async function readWriters(
  session: Session,
  schema: string,
  { project, mapping, key, handle, xmin }: KnownRow,
): Promise<{ readonly made: Writer | null; readonly last: Writer | null }> {
  if (handle === null || xmin === null) return { made: null, last: null };
  const id = /^-?\d{1,18}$/.test(handle) ? handle : null;
  const list = `b.run, b.mapping, (select count(*) from ${schema}.batches e where e.run = b.run and e.mapping = b.mapping
      and (e.at, e.xid) <= (b.at, b.xid)), b.partition, ${isoSql('b.at')}, r.operator`;
  const from = `from ${schema}.batches b join ${schema}.runs r on r.run = b.run and r.project = $1`;
  const made = await session.query(
    `select ${list} ${from} where b.mapping = $2 and (b.created::jsonb ? $3
       or $4::bigint is not null and exists (select from unnest(b.ids) i where i @> $4::bigint))
     order by b.at limit 1`,
    [project, mapping, handle, id],
  );
  // A row knows 32 bits of what wrote it: older ones could be taken for new ones.
  const last = await session.query(
    `select ${list} ${from} where (b.xid & 4294967295 = $2::bigint or $2::bigint = any (b.xids))
       and txid_snapshot_xmax(txid_current_snapshot()) - b.xid < 2147483648 order by b.xid desc limit 1`,
    [project, xmin],
  );
  return {
    made: writerOf(made.rows[0]) ?? (await pairWriter(session, schema, project, mapping, key)),
    last: writerOf(last.rows[0]),
  };
}

/** Of a kept pair the run is known, its batch is not. */
async function pairWriter(
  session: Session,
  schema: string,
  project: string,
  mapping: string,
  key: string,
): Promise<Writer | null> {
  const { rows } = await session.query(
    `select k.run, k.mapping, null, null, ${isoSql('r.started_at')}, r.operator
     from ${schema}.key_map k join ${schema}.runs r on r.run = k.run
     where k.project = $1 and k.mapping = $2 and k.source_key = $3 and not k.merged`,
    [project, mapping, key],
  );
  return writerOf(rows[0]);
}

function writerOf(row: readonly (string | null)[] | undefined): Writer | null {
  if (row === undefined) return null;
  const [run, mapping, batch, partition, at, operator] = row;
  const number = (text: string | null | undefined): number | null =>
    text === null || text === undefined ? null : Number(text);
  return {
    run: run ?? '',
    mapping: mapping ?? '',
    batch: number(batch),
    partition: number(partition),
    at: at ?? null,
    operator: operator ?? null,
  };
}
