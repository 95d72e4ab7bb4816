import type { Session } from '../contract/session.js';
import { readDeferred } from './deferred.js';
import { isoSql } from './reading.js';
import { lockName } from './store.js';

export interface Counts {
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly rejected: number;
}

/** A run as the state knows it. Times are ISO 8601 in UTC. */
export interface RunState extends Counts {
  readonly run: string;
  readonly kind: string;
  readonly status: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly exitCode: number | null;
  readonly operator: string;
  readonly resumes: number;
}

/** A mapping of a run; `waiting` before its turn, in a run that was resumed again: its counts are those from before. */
export interface StepState extends Counts {
  readonly mapping: string;
  readonly status: string;
  readonly startedAt: string | null;
  readonly updatedAt: string | null;
  /** How many rows there will be; null where nobody knows. */
  readonly expected: { readonly rows: number; readonly from: 'earlier run' | 'estimate' } | null;
}

/** Who holds the project's lock. */
export interface Worker {
  readonly pid: number;
  readonly application: string;
  /** The machine that it works from; null for this server's own, or where the role may not see it. */
  readonly client: string | null;
}

/** What the state says of a project at one moment. */
export interface ProjectState {
  /** The server's clock. */
  readonly at: string;
  /** The last ones, newest first. */
  readonly runs: readonly RunState[];
  /** The one that is asked for, else the last; null where there is none. */
  readonly run: RunState | null;
  readonly steps: readonly StepState[];
  readonly worker: Worker | null;
  readonly dropped: readonly {
    readonly table: string;
    readonly run: string;
    readonly objects: readonly string[];
  }[];
  readonly secondPasses: readonly {
    readonly mapping: string;
    readonly column: string;
    readonly rows: number;
  }[];
}

export const COUNTS = ['read', 'inserted', 'updated', 'unchanged', 'skipped', 'rejected'] as const;
const sums = COUNTS.map((name) => `coalesce(sum(s.${name}), 0)::bigint`).join(', ');

export function countsOf(texts: readonly (string | null)[]): Counts {
  const [read, inserted, updated, unchanged, skipped, rejected] = COUNTS.map((_, n) => Number(texts[n]));
  return {
    read: read ?? 0,
    inserted: inserted ?? 0,
    updated: updated ?? 0,
    unchanged: unchanged ?? 0,
    skipped: skipped ?? 0,
    rejected: rejected ?? 0,
  };
}

/** What is asked for. */
export interface StatusRequest {
  /** As etl.yaml has it. */
  readonly stateSchema: string;
  readonly project: string;
  /** Null: the last one. */
  readonly run: string | null;
  readonly limit: number;
}

/** Reads a project's state, in the transaction that `beginReading` began. @param schema quoted */
export async function readStatus(
  session: Session,
  schema: string,
  request: StatusRequest,
): Promise<ProjectState> {
  const { project, stateSchema } = request;
  const runs = await readRuns(session, schema, `r.project = $1 order by r.epoch desc limit $2`, [
    project,
    request.limit,
  ]);
  const [asked = null] =
    request.run === null
      ? runs
      : await readRuns(session, schema, 'r.project = $1 and r.run = $2', [project, request.run]);
  const passes = await session.query(
    `select p.mapping, p.column_name, count(*) from ${schema}.second_pass p
     where split_part(p.run, ' ', 1) in (select run from ${schema}.runs where project = $1) group by 1, 2 order by 1, 2`,
    [project],
  );
  const dropped = await readDeferred(session, stateSchema, project);
  return {
    at: (await session.query(`select ${isoSql('clock_timestamp()')}`)).rows[0]?.[0] ?? '',
    runs,
    run: asked,
    steps: asked === null ? [] : await readSteps(session, schema, project, asked.run),
    worker: await readWorker(session, stateSchema, project),
    dropped: dropped.map(({ rows, run, deferred }) => ({
      table: rows.table,
      run,
      objects: deferred.map(({ object }) => object),
    })),
    secondPasses: passes.rows.map(([mapping, column, rows]) => ({
      mapping: mapping ?? '',
      column: column ?? '',
      rows: Number(rows),
    })),
  };
}

/** Runs of a project, newest first. @param before a run that they have to be older than; null for the newest ones */
export const readRunsBefore = (
  session: Session,
  schema: string,
  project: string,
  before: string | null,
  limit: number,
): Promise<readonly RunState[]> =>
  readRuns(
    session,
    schema,
    `r.project = $1 and ($2::text is null or r.epoch < (select epoch from ${schema}.runs where run = $2))
     order by r.epoch desc limit $3`,
    [project, before, limit],
  );

async function readRuns(
  session: Session,
  schema: string,
  which: string,
  values: readonly (string | number | null)[],
): Promise<readonly RunState[]> {
  const { rows } = await session.query(
    `select r.run, r.kind, r.status, ${isoSql('r.started_at')}, ${isoSql('r.finished_at')}, r.exit_code, r.operator,
       r.resumes, s.* from ${schema}.runs r
     cross join lateral (select ${sums} from ${schema}.steps s where s.run = r.run) s where ${which}`,
    values,
  );
  return rows.map(([run, kind, status, started, finished, exitCode, operator, resumes, ...counts]) => ({
    run: run ?? '',
    kind: kind ?? '',
    status: status ?? '',
    startedAt: started ?? '',
    finishedAt: finished ?? null,
    exitCode: exitCode === null ? null : Number(exitCode),
    operator: operator ?? '',
    resumes: Number(resumes),
    ...countsOf(counts),
  }));
}

/**
 * The mappings that have begun, in that order; then those that the run has still before it. The end of a run, and a rollback,
 * touch every step once more: when its mapping has ended is in the run's result, where there is one.
 */
async function readSteps(
  session: Session,
  schema: string,
  project: string,
  run: string,
): Promise<readonly StepState[]> {
  const { rows } = await session.query(
    `with this as (select run, epoch, result, provenance->'estimates' estimates, case when resumes > 0 and status = 'running' then (
         select max(at) from ${schema}.audit where run = $2 and event = 'run resumed') end resumed
       from ${schema}.runs where run = $2),
     begun as (
       select s.mapping, min(s.status) filter (where s.partition = 0) status, min(s.started_at) started,
         max(s.updated_at) updated, ${sums}
       from ${schema}.steps s where s.run = $2 group by s.mapping
     ), taken as (
       select m ->> 'mapping' mapping, make_interval(secs => (m ->> 'duration_ms')::float8 / 1000) taken
       from this, jsonb_array_elements(result -> 'mappings') m
     ), names as (
       select mapping from begun union select jsonb_object_keys(estimates) from this
     ), history as (
       select distinct on (s.mapping) s.mapping, s.read from (
         select s.mapping, r.epoch, sum(s.read) "read" from ${schema}.steps s join ${schema}.runs r on r.run = s.run, this
         where r.project = $1 and r.kind = 'run' and r.epoch < this.epoch and s.read_from is null
         group by s.mapping, r.epoch having bool_and(s.status = 'succeeded')
       ) s order by s.mapping, s.epoch desc
     )
     select mapping, case when b.started < (select resumed from this) then 'waiting' else status end,
       ${isoSql('started')}, ${isoSql('coalesce(started + taken, updated)')}, h.read,
       nullif((select (estimates->>mapping)::numeric::bigint from this), 0), b.*
     from names left join begun b using (mapping) left join history h using (mapping) left join taken using (mapping)
     order by b.started nulls last, names.mapping`,
    [project, run],
  );
  return rows.map((row) => {
    const [mapping, status, startedAt, updatedAt, history, estimate] = row;
    return {
      mapping: mapping ?? '',
      status: status ?? 'waiting',
      startedAt: startedAt ?? null,
      updatedAt: updatedAt ?? null,
      expected:
        history !== null && history !== undefined
          ? { rows: Number(history), from: 'earlier run' }
          : estimate !== null && estimate !== undefined
            ? { rows: Number(estimate), from: 'estimate' }
            : null,
      ...countsOf(row.slice(-COUNTS.length)),
    };
  });
}

/** The lock is seen, not asked for: a run that starts in this moment is not in anybody's way. */
export async function readWorker(
  session: Session,
  stateSchema: string,
  project: string,
): Promise<Worker | null> {
  const { rows } = await session.query(
    `with wanted as (select hashtextextended($1, 0) as k)
     select l.pid, a.application_name, host(a.client_addr)
     from wanted, pg_locks l left join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.database = (select oid from pg_database where datname = current_database())
       and l.classid::bigint = (k >> 32) & 4294967295 and l.objid::bigint = k & 4294967295`,
    [lockName(stateSchema, project)],
  );
  const [pid, application, client] = rows[0] ?? [];
  if (pid === undefined) return null;
  return { pid: Number(pid), application: application ?? '', client: client ?? null };
}
