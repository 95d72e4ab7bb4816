import type { Session } from '../contract/session.js';

/** How long a mapping took in an earlier run that read all of its rows. Seconds. */
export interface Pace {
  readonly run: string;
  readonly rows: number;
  /** Reading, making and loading the rows; where places were not told apart all of its time. */
  readonly rowSeconds: number;
  /** Dropping and building constraints; null where that was not told apart. */
  readonly constraintSeconds: number | null;
  /** Second passes and what else comes behind the rows; null as above. */
  readonly afterSeconds: number | null;
}

export interface Paces {
  /** By mapping, of the last run that has one. */
  readonly mappings: ReadonlyMap<string, Pace>;
  /** What the last whole run did when its mappings were done: checks, deletions, hooks; null where there is none. */
  readonly closingSeconds: number | null;
}

/** Runs that are looked back at. */
const RUNS = 10;

const WHOLE = `r.project = $1 and r.kind = 'run' and r.result is not null and r.run <> $2
  and r.epoch < (select epoch from this)`;

/** The pace of earlier runs. @param schema quoted */
export async function readPaces(
  session: Session,
  schema: string,
  of: { readonly project: string; readonly run: string },
): Promise<Paces> {
  const this_ = `with this as (select epoch from ${schema}.runs where run = $2)`;
  const { rows } = await session.query(
    `${this_}, past as (select r.run, r.epoch, r.result from ${schema}.runs r where ${WHOLE}
       order by r.epoch desc limit ${String(RUNS)})
     select distinct on (m ->> 'mapping') m ->> 'mapping', p.run, (m ->> 'read')::bigint,
       (m ->> 'duration_ms')::numeric / 1000, m -> 'spent'
     from past p cross join lateral jsonb_array_elements(p.result -> 'mappings') m
     where m ->> 'status' = 'succeeded' and m ->> 'readFrom' is null
     order by m ->> 'mapping', p.epoch desc`,
    [of.project, of.run],
  );
  const closing = await session.query(
    `${this_} select greatest(0, (r.result ->> 'duration_ms')::numeric - (
         select max((m ->> 'startedAfterMs')::numeric + (m ->> 'duration_ms')::numeric)
         from jsonb_array_elements(r.result -> 'mappings') m)) / 1000
     from ${schema}.runs r where ${WHOLE} and r.status = 'succeeded' and r.resumes = 0 order by r.epoch desc limit 1`,
    [of.project, of.run],
  );
  const seconds = closing.rows[0]?.[0];
  return {
    mappings: new Map(rows.map((row) => [row[0] ?? '', paceOf(row)])),
    closingSeconds: typeof seconds === 'string' ? Number(seconds) : null,
  };
}

function paceOf([, run, read, seconds, spent]: readonly (string | null)[]): Pace {
  const known = { run: run ?? '', rows: Number(read) };
  const places = JSON.parse(spent ?? 'null') as Readonly<Record<string, number>> | null;
  if (places === null) {
    return { ...known, rowSeconds: Number(seconds), constraintSeconds: null, afterSeconds: null };
  }
  const { constraints = 0, after = 0, ...rest } = places;
  const rowSeconds = Object.values(rest).reduce((sum, each) => sum + each, 0);
  return { ...known, rowSeconds, constraintSeconds: constraints, afterSeconds: after };
}
