import type { Session } from '../contract/session.js';
import { quoteName } from '../postgres/identifier.js';

/** The run that a project began last, as its state has it. */
export interface LastRun {
  readonly run: string;
  /** `running` is that of a process that died, where nobody holds the project's lock. */
  readonly status: string;
  /** As PostgreSQL writes it. */
  readonly startedAt: string;
  readonly exitCode: number | null;
  readonly resumes: number;
  readonly selection: readonly string[];
  /** Of each mapping, as it was given to the run; null for a run of an older version. */
  readonly hashes: Readonly<Record<string, unknown>> | null;
  /** The `RunResult` as JSON; null where it did not come to its end. */
  readonly result: string | null;
}

/** Reads the last run; null where there is none, or no state yet. Writes nothing. */
export async function readLastRun(
  session: Session,
  schema: string,
  project: string,
): Promise<LastRun | null> {
  const state = quoteName(schema);
  const known = await session.query(
    `select exists (select from information_schema.columns
       where table_schema = $1 and table_name = 'runs' and column_name = 'resumes')`,
    [schema],
  );
  if (known.rows[0]?.[0] !== 't') return null;
  const { rows } = await session.query(
    `select run, status, started_at, exit_code, resumes, to_json(coalesce(selection, '{}')), hashes, result
     from ${state}.runs where project = $1 and kind = 'run' order by epoch desc limit 1`,
    [project],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const [run, status, startedAt, exitCode, resumes, selection, hashes, result] = row;
  return {
    run: run ?? '',
    status: status ?? '',
    startedAt: startedAt ?? '',
    exitCode: exitCode === null || exitCode === undefined ? null : Number(exitCode),
    resumes: Number(resumes),
    selection: JSON.parse(selection ?? '[]') as string[],
    hashes: JSON.parse(hashes ?? 'null') as Record<string, unknown> | null,
    result: result ?? null,
  };
}
