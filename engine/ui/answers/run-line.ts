import type { DashboardRunLine } from '../../contract/dashboard.js';
import type { Session } from '../../contract/session.js';
import { reportOf } from '../../../reports/report.js';
import { readKeptRun, readRunBefore } from '../../state/kept-run.js';
import type { Counts, RunState } from '../../state/status.js';
import type { Report } from '../../../reports/report.js';
import type { Site } from '../site.js';

/** Milliseconds for which a verdict is not asked for again. */
const KNOWN_MS = 30_000;
const MOST = 500;

/** What the report says of a run, and why. */
export type Said = Pick<Report['verdict'], 'name' | 'reasons'>;

/** Verdicts of runs that are over: each rests on the whole result, so it is not made anew for every look. */
export class Verdicts {
  private readonly known = new Map<string, { readonly verdict: Said | null; readonly until: number }>();

  constructor(private readonly site: Site) {}

  /** Null of a run that is not over. */
  async of(session: Session, schema: string, { run, status, finishedAt }: RunState): Promise<Said | null> {
    if (status === 'running') return null;
    const id = JSON.stringify([run, status, finishedAt]);
    const known = this.known.get(id);
    if (known !== undefined && known.until > Date.now()) return known.verdict;
    const report = await readReport(session, schema, this.site, run);
    const verdict = typeof report === 'string' ? null : (report?.verdict ?? null);
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(id, { verdict, until: Date.now() + KNOWN_MS });
    return verdict;
  }
}

/** The report of a run from the state, as of today; null where there is no such run. */
export async function readReport(
  session: Session,
  schema: string,
  site: Site,
  run: string,
): Promise<Report | 'under_way' | null> {
  const { name, stateSchema } = site.project;
  const kept = await readKeptRun(session, schema, { project: name, stateSchema, run });
  if (kept === null || kept === 'under_way') return kept;
  const { result, gaps } = kept;
  const before = await readRunBefore(session, schema, { project: name, run, limit: result.limit });
  const { exceptions } = (await site.files()).project ?? site.project;
  return reportOf({
    result,
    gaps,
    before,
    exceptions,
    today: new Date().toISOString().slice(0, 10),
    base: null,
  });
}

/** @param alive its process is at work */
export function runLine(run: RunState, alive: boolean, verdict: Said | null): DashboardRunLine {
  return {
    run: run.run,
    kind: run.kind,
    status: run.status === 'running' && !alive ? 'cut_off' : run.status,
    operator: run.operator,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    exit_code: run.exitCode,
    resumes: run.resumes,
    verdict: verdict?.name ?? null,
    ...counts(run),
  };
}

export const counts = ({ read, inserted, updated, unchanged, skipped, rejected }: Counts): Counts => ({
  read,
  inserted,
  updated,
  unchanged,
  skipped,
  rejected,
});
