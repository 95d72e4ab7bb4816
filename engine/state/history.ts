import type { ReferenceCount } from '../contract/result.js';
import type { Session } from '../contract/session.js';
import type { RunMarks, Watermark } from '../contract/watermark.js';

/** What a run that is over did of one mapping. */
export interface PastStep {
  readonly run: string;
  readonly epoch: string;
  readonly kind: string;
  /** Of the run. */
  readonly runStatus: string;
  /** Of the mapping in it. */
  readonly status: string;
  /** By mapping; null where an older version wrote the run. */
  readonly hashes: RunMarks['hashes'] | null;
  /** Of the mapping's source; null where it was not told. */
  readonly watermark: Watermark | null;
  /** Null where it read everything. */
  readonly readFrom: string | null;
  /** A hash over the contents of the look-ups. */
  readonly lookups: string | null;
  readonly inserted: number;
  /** The mapping's rows in the target at the end, as its `row_count` found them; null where that was not told. */
  readonly targetRows: number | null;
  /** What became of its references, by column and mapping. */
  readonly references: readonly ReferenceCount[];
}

/** Keys of rejects as they are shown: lists of texts, of the parts of the key. */
export interface OpenRejects {
  readonly keys: readonly (readonly string[])[];
  /** Rows without a key are among them. */
  readonly nulls: boolean;
}

/** How many runs are looked back at: behind so many that did not succeed, everything is read. */
const RUNS = 500;

const MAPPING = `(select m from jsonb_array_elements(r.result -> 'mappings') m where m ->> 'mapping' = s.mapping limit 1)`;

/** The runs of a mapping that are over, the latest first. */
export async function pastSteps(
  session: Session,
  schema: string,
  of: { readonly project: string; readonly mapping: string; readonly connection: string },
): Promise<readonly PastStep[]> {
  const { rows } = await session.query(
    `select r.run, r.epoch, r.kind, r.status, s.status, r.hashes, r.watermarks -> $3, s.lookups,
       to_char(s.read_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       (select sum(t.inserted) from ${schema}.steps t where t.run = s.run and t.mapping = s.mapping),
       (select c ->> 'target' from jsonb_array_elements(${MAPPING} -> 'checks') c where c ->> 'check' = 'row_count'),
       ${MAPPING} -> 'references'
     from ${schema}.runs r join ${schema}.steps s on s.run = r.run
     where r.project = $1 and s.mapping = $2 and s.partition = 0 and r.status <> 'running'
     order by r.epoch desc limit ${String(RUNS)}`,
    [of.project, of.mapping, of.connection],
  );
  return rows.map((row) => {
    const [run, epoch, kind, runStatus, status, hashes, watermark, lookups, readFrom] = row;
    const [inserted, targetRows, references] = row.slice(9);
    return {
      run: run ?? '',
      epoch: epoch ?? '0',
      kind: kind ?? '',
      runStatus: runStatus ?? '',
      status: status ?? '',
      hashes: JSON.parse(hashes ?? 'null') as PastStep['hashes'],
      watermark: JSON.parse(watermark ?? 'null') as Watermark | null,
      lookups: lookups ?? null,
      readFrom: readFrom ?? null,
      inserted: Number(inserted ?? 0),
      targetRows: targetRows === null || targetRows === undefined ? null : Number(targetRows),
      references: JSON.parse(references ?? '[]') as PastStep['references'],
    };
  });
}

/**
 * The keys that runs of a mapping have rejected, from an epoch on. @param parts how many columns the key has
 * @param most more of them are not read: `keys` has one more then
 */
export async function rejectedSince(
  session: Session,
  schema: string,
  of: { readonly project: string; readonly mapping: string; readonly epoch: string; readonly parts: number },
  most: number,
): Promise<OpenRejects> {
  const { rows } = await session.query(
    `select distinct e.source_key, e.rule = 'key' from ${schema}.rejects e join ${schema}.runs r on r.run = e.run
     where r.project = $1 and e.mapping = $2 and r.epoch >= $3 and e.source_key is not null limit ${String(most + 1)}`,
    [of.project, of.mapping, of.epoch],
  );
  const keys = rows.flatMap(([key, isNull]) => {
    if (isNull === 't' || key === null || key === undefined) return [];
    return [of.parts === 1 ? [key] : (JSON.parse(key) as string[])];
  });
  return { keys, nulls: rows.some(([, isNull]) => isNull === 't') };
}

/** New and changed rows of a mapping since an epoch, those of the run under way among them. */
export async function writtenSince(
  session: Session,
  schema: string,
  of: { readonly project: string; readonly mapping: string; readonly epoch: string },
): Promise<{ readonly inserted: number; readonly updated: number }> {
  const { rows } = await session.query(
    `select coalesce(sum(s.inserted), 0), coalesce(sum(s.updated), 0) from ${schema}.steps s
     join ${schema}.runs r on r.run = s.run where r.project = $1 and s.mapping = $2 and r.epoch > $3`,
    [of.project, of.mapping, of.epoch],
  );
  return { inserted: Number(rows[0]?.[0] ?? 0), updated: Number(rows[0]?.[1] ?? 0) };
}
