import type { Session } from '../contract/session.js';
import type { MappingHash, Watermark } from '../contract/watermark.js';

/** The last run that has loaded a mapping. */
export interface LastLoad {
  readonly run: string;
  readonly hash: MappingHash | null;
  readonly watermark: Watermark | null;
  /** Rows that it read; null where it read only what changed. */
  readonly read: number | null;
}

/** Null where no run has loaded the mapping, or the last that did was rolled back. @param schema quoted */
export async function lastLoad(
  session: Session,
  schema: string,
  of: { readonly project: string; readonly mapping: string; readonly connection: string },
): Promise<LastLoad | null> {
  const { rows } = await session.query(
    `select r.run, r.hashes -> $2, r.watermarks -> $3,
       case when bool_and(s.read_from is null) and r.kind = 'run' then sum(s.read) end
     from ${schema}.runs r join ${schema}.steps s on s.run = r.run
     where r.project = $1 and s.mapping = $2 and s.status = 'succeeded' and r.status in ('succeeded', 'failed')
     group by r.run order by r.epoch desc limit 1`,
    [of.project, of.mapping, of.connection],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const [run, hash, watermark, read] = row;
  return {
    run: run ?? '',
    hash: JSON.parse(hash ?? 'null') as MappingHash | null,
    watermark: JSON.parse(watermark ?? 'null') as Watermark | null,
    read: read === null || read === undefined ? null : Number(read),
  };
}
