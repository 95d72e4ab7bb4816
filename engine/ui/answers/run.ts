import type { DashboardRun, DashboardStep } from '../../contract/dashboard.js';
import type { Session } from '../../contract/session.js';
import type { Spent } from '../../contract/spent.js';
import { ordered, type Outlook } from '../../outlook/outlook.js';
import { toGoOn } from '../../outlook/to-go-on.js';
import { runBottleneck } from '../../../reports/bottleneck.js';
import { FORMATS } from '../../../reports/index.js';
import { readMeasures, type RunMeasures } from '../../state/measures.js';
import { readStatus, type ProjectState, type RunState, type StepState } from '../../state/status.js';
import type { Desk } from '../desk.js';
import { counts, runLine, type Said } from './run-line.js';

/** Runs among which the one that is to be gone on with is looked for. */
const RUNS = 10;

/** A run as it is now, and all that was read of it. */
export interface SeenRun {
  readonly state: ProjectState & { readonly run: RunState };
  readonly outlook: Outlook;
  readonly measures: RunMeasures;
  readonly answer: DashboardRun;
}

/** @param run a name, or `last` @returns null where there is no such run */
export async function readRun(
  session: Session,
  schema: string,
  desk: Desk,
  run: string,
): Promise<SeenRun | null> {
  const { site } = desk;
  const { name, stateSchema } = site.project;
  const asked = run === 'last' ? null : run;
  const state = await readStatus(session, schema, { project: name, stateSchema, run: asked, limit: RUNS });
  if (state.run === null) return null;
  const outlook = await desk.looks.outlook(session, schema, state);
  const verdict = await desk.verdicts.of(session, schema, state.run);
  const measures = await readMeasures(session, schema, { project: name, run: state.run.run });
  const seen = { ...state, run: state.run };
  return { state: seen, outlook, measures, answer: runAnswer(seen, outlook, { verdict, measures }, desk) };
}

function runAnswer(
  state: SeenRun['state'],
  outlook: Outlook,
  { verdict, measures }: { readonly verdict: Said | null; readonly measures: RunMeasures },
  { site }: Desk,
): DashboardRun {
  const { at, run, steps, worker, dropped, secondPasses } = state;
  const left = toGoOn(state, site.folder, site.embedded);
  const spent = new Map(measures.steps.map((step) => [step.mapping, step.spent]));
  // What came before a resume is not among the measures.
  const seconds =
    run.resumes > 0 ? null : (Date.parse(run.finishedAt ?? at) - Date.parse(run.startedAt)) / 1000;
  return {
    at,
    run: runLine(run, outlook.alive, verdict),
    alive: outlook.alive,
    client: outlook.alive ? (worker?.client ?? null) : null,
    rows_per_second: tenths(outlook.rate),
    seconds_left: tenths(outlook.secondsLeft),
    seconds_left_from: outlook.basis,
    mappings: ordered(steps, outlook).map((step) =>
      stepAnswer(step, state, outlook, spent.get(step.mapping) ?? null),
    ),
    reasons: verdict?.reasons ?? [],
    critical_path: outlook.criticalPath,
    spent: measures.spent,
    bottleneck: runBottleneck(measures.steps, seconds),
    memory: measures.memory,
    retries: measures.retries,
    constraints_dropped: dropped,
    second_passes: secondPasses,
    unfinished: left?.run === run.run ? left.command : null,
    reports: outlook.alive ? [] : FORMATS.map(({ format }) => format),
  };
}

const tenths = (value: number | null): number | null => (value === null ? null : Math.round(value * 10) / 10);

export function stepAnswer(
  step: StepState,
  state: SeenRun['state'],
  outlook: Outlook,
  spent: Spent | null,
): DashboardStep {
  const { mapping, status, startedAt, updatedAt, expected } = step;
  const of = outlook.steps.get(mapping);
  const isOver = status !== 'running' && status !== 'waiting' && startedAt !== null && updatedAt !== null;
  const waits = state.secondPasses.some((pass) => pass.mapping === mapping);
  return {
    mapping,
    phase: of?.phase ?? null,
    status: statusOf(step, outlook, state.run.status === 'running'),
    stage: outlook.alive && status === 'succeeded' && waits ? 'second pass' : null,
    waits_for: of?.waitsFor ?? [],
    started_at: startedAt,
    updated_at: updatedAt,
    seconds: isOver ? tenths((Date.parse(updatedAt) - Date.parse(startedAt)) / 1000) : null,
    expected_rows: expected?.rows ?? null,
    expected_from: expected?.from ?? null,
    rows_per_second: tenths(of?.rate ?? null),
    seconds_left: tenths(of?.secondsLeft ?? null),
    spent,
    ...counts(step),
  };
}

/** Of a run that is over nothing waits any more, of one whose process is gone nothing runs. */
function statusOf({ mapping, status }: StepState, { alive, steps }: Outlook, isOpen: boolean): string {
  if (alive) return steps.get(mapping)?.isBlocked === true ? 'not_run' : status;
  if (status === 'running') return 'cut_off';
  return status === 'waiting' && !isOpen ? 'not_run' : status;
}
