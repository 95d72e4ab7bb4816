import type { Session } from '../contract/session.js';
import { isoSql } from './reading.js';
import { COUNTS, countsOf, type Counts } from './status.js';

/** A mapping's key range in a run; there is at least one, partition 0. */
export interface RangeState extends Counts {
  readonly partition: number;
  readonly status: string;
  readonly lastKey: string | null;
  readonly batches: number;
  readonly bytes: number;
  readonly backendPid: number | null;
  readonly updatedAt: string | null;
}

interface Of {
  readonly run: string;
  readonly mapping: string;
}

/** @param schema quoted */
export async function readRanges(session: Session, schema: string, of: Of): Promise<readonly RangeState[]> {
  const { rows } = await session.query(
    `select partition, status, last_key, batches, bytes, backend_pid, ${isoSql('updated_at')},
       ${COUNTS.join(', ')}
     from ${schema}.steps where run = $1 and mapping = $2 order by partition`,
    [of.run, of.mapping],
  );
  return rows.map((row) => {
    const [partition, status, lastKey, batches, bytes, pid, updatedAt] = row;
    return {
      partition: Number(partition),
      status: status ?? '',
      lastKey: lastKey ?? null,
      batches: Number(batches),
      bytes: Number(bytes),
      backendPid: pid === null || pid === undefined ? null : Number(pid),
      updatedAt: updatedAt ?? null,
      ...countsOf(row.slice(7)),
    };
  });
}

/** How far a mapping was at a moment, all of its ranges together. */
export interface Sample {
  readonly at: string;
  readonly read: number;
  readonly written: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly memory: number;
}

/**
 * The samples of a mapping in the order of time: each adds up what its ranges had come to by then. @param most every n-th of more,
 * and the last one @param schema quoted
 */
export async function readSamples(
  session: Session,
  schema: string,
  of: Of,
  most: number,
): Promise<readonly Sample[]> {
  const grown = ['read', 'written', 'rejected', 'bytes'].map(
    (name) => `sum(${name}_more) over (order by at, partition)`,
  );
  const more = ['read', 'written', 'rejected', 'bytes'].map(
    (name) => `${name} - lag(${name}, 1, 0::bigint) over (partition by partition order by at) ${name}_more`,
  );
  const { rows } = await session.query(
    `with grown as (
       select at, partition, memory, ${more.join(', ')} from ${schema}.samples where run = $1 and mapping = $2
     ), summed as (
       select ${isoSql('at')} moment, ${grown.join(', ')}, memory, row_number() over (order by at, partition) n,
         count(*) over () total
       from grown
     )
     select * from summed where n = total or (n - 1) % (1 + (total - 1) / $3::bigint) = 0 order by n`,
    [of.run, of.mapping, String(Math.max(1, most - 1))],
  );
  return rows.map(([at, read, written, rejected, bytes, memory]) => ({
    at: at ?? '',
    read: Number(read),
    written: Number(written),
    rejected: Number(rejected),
    bytes: Number(bytes),
    memory: Number(memory ?? 0),
  }));
}

/** Rows that a line of the mapping decided about. */
export interface DecidingLine {
  readonly file: string;
  readonly line: number;
  readonly kind: 'reject' | 'warning' | 'skipped';
  readonly rows: number;
  readonly rules: readonly string[];
}

/** @param schema quoted */
export async function readLines(session: Session, schema: string, of: Of): Promise<readonly DecidingLine[]> {
  const from = (table: string, kind: string): string =>
    `select file, line, '${kind}' kind, count(*) n, array_to_json(array_agg(distinct rule order by rule)) rules
     from ${schema}.${table} where run = $1 and mapping = $2 group by 1, 2`;
  const { rows } = await session.query(
    `${from('rejects', 'reject')} union all ${from('warnings', 'warning')} union all ${from('skipped', 'skipped')}
     order by 1, 2, 3`,
    [of.run, of.mapping],
  );
  return rows.map(([file, line, kind, count, rules]) => ({
    file: file ?? '',
    line: Number(line),
    kind: kind as DecidingLine['kind'],
    rows: Number(count),
    rules: JSON.parse(rules ?? '[]') as string[],
  }));
}

export interface BatchState {
  readonly at: string;
  readonly partition: number;
  readonly transaction: string;
  readonly rows: number;
}

/**
 * Committed batches of a mapping in the order of their transactions. @param after the last transaction of the page before
 * @param schema quoted
 */
export async function readBatches(
  session: Session,
  schema: string,
  of: Of,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<readonly BatchState[]> {
  const { rows } = await session.query(
    `select ${isoSql('at')}, partition, xid, coalesce((select sum(upper(i) - lower(i)) from unnest(ids) i), 0)
       + coalesce(json_array_length(created), 0)
     from ${schema}.batches where run = $1 and mapping = $2 and ($3::bigint is null or xid > $3) order by xid limit $4`,
    [of.run, of.mapping, after, limit],
  );
  return rows.map(([at, partition, transaction, count]) => ({
    at: at ?? '',
    partition: Number(partition),
    transaction: transaction ?? '',
    rows: Number(count),
  }));
}
