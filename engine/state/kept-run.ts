import type { RunResult } from '../contract/result.js';
import type { Session } from '../contract/session.js';
import { readWorker } from './status.js';
import { salvage } from './salvage.js';
import { storedResult, type KeptRun } from './stored-result.js';

/** Which run: a name, or null for the last one. */
export interface Asked {
  readonly project: string;
  readonly stateSchema: string;
  readonly run: string | null;
}

/** A project's run by its name, or the last one; null where there is none. @param schema quoted */
export async function findRun(
  session: Session,
  schema: string,
  project: string,
  run: string | null,
): Promise<string | null> {
  const { rows } = await session.query(
    `select run from ${schema}.runs where project = $1 and ($2::text is null or run = $2) order by epoch desc limit 1`,
    [project, run],
  );
  return rows[0]?.[0] ?? null;
}

/**
 * What a run came to, from the state alone: its own result, or, where its process died, what its batches have left.
 * @returns null where there is no such run; `under_way` while its process is at work
 */
export async function readKeptRun(
  session: Session,
  schema: string,
  { project, stateSchema, run }: Asked,
): Promise<KeptRun | 'under_way' | null> {
  const { rows } = await session.query(
    `select r.run, r.status, r.result from ${schema}.runs r
     where r.project = $1 and ($2::text is null or r.run = $2) order by r.epoch desc limit 1`,
    [project, run],
  );
  const [name, status, result] = rows[0] ?? [];
  if (typeof name !== 'string') return null;
  if (status === 'running' && (await readWorker(session, stateSchema, project)) !== null) return 'under_way';
  const kept =
    typeof result === 'string'
      ? { result: storedResult(result), gaps: [] }
      : await salvage(session, schema, name);
  return { ...kept, result: await withRollback(session, schema, kept.result, status === 'rolled_back') };
}

/** A run whose rows are not there any more is no GO, whatever it was when it ended. */
async function withRollback(
  session: Session,
  schema: string,
  result: RunResult,
  isWhole: boolean,
): Promise<RunResult> {
  const { rows } = await session.query(
    `select mapping from ${schema}.steps where run = $1 and partition = 0 and status = 'rolled_back' order by 1`,
    [result.run],
  );
  if (!isWhole && rows.length === 0) return result;
  const which = isWhole
    ? 'the run was'
    : `${rows.map(([mapping]) => mapping ?? '').join(', ')} of the run were`;
  const reason = `${which} taken back by etl rollback: the rows are not in the target any more`;
  return { ...result, status: 'failed', reasons: [reason, ...result.reasons] };
}

/**
 * The result of the project's run before: of the same kind, and with the same limit; what was rolled back since counts,
 * for rehearsals are. Null where there is none.
 * @param run null: of the run that would come next
 */
export async function readRunBefore(
  session: Session,
  schema: string,
  of: { readonly project: string; readonly run: string | null; readonly limit: number | null },
): Promise<RunResult | null> {
  const { rows } = await session.query(
    `with this as (select epoch, kind from ${schema}.runs where run = $2 and project = $1)
     select r.result from ${schema}.runs r
     where r.project = $1 and r.result is not null and r.kind <> 'replay'
       and r.epoch < coalesce((select epoch from this), 9223372036854775807)
       and r.kind = coalesce((select kind from this), case when $3::int is null then 'run' else 'limit' end)
       and (r.result ->> 'limit')::int is not distinct from $3::int
     order by r.epoch desc limit 1`,
    [of.project, of.run, of.limit === null ? null : String(of.limit)],
  );
  const result = rows[0]?.[0];
  return typeof result === 'string' ? storedResult(result) : null;
}
