import type { ProjectState, StepState } from '../../state/status.js';

/** How a run goes on, as far as that can be told. Null: unknown. */
export interface Outlook {
  /** The run's process holds the project's lock. */
  readonly alive: boolean;
  /** Rows a second that are read. */
  readonly rate: number | null;
  readonly secondsLeft: number | null;
  readonly steps: ReadonlyMap<string, StepOutlook>;
}

export interface StepOutlook {
  readonly rate: number | null;
  readonly secondsLeft: number | null;
}

/** Two looks closer than this tell no rate. */
const LEAST_SECONDS = 0.5;

const seconds = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

const UNKNOWN: StepOutlook = { rate: null, secondsLeft: null };

/**
 * Rates between two looks at the state, else since the run and its mappings began: of a run that was resumed that
 * would count the time in which nobody worked, so it is not said. Time left is what is expected and not read yet; where
 * more was read than expected nobody knows.
 */
export function outlookOf(state: ProjectState, before: ProjectState | null): Outlook {
  const { run, steps, worker } = state;
  const alive = run?.status === 'running' && worker !== null;
  const before_ = before?.run?.run === run?.run ? before : null;
  const of = (step: StepState): StepOutlook => {
    if (!alive || step.status !== 'running' || step.startedAt === null) return UNKNOWN;
    const earlier = before_?.steps.find(({ mapping }) => mapping === step.mapping);
    const rate =
      before_ !== null && earlier !== undefined
        ? rateOf(step.read - earlier.read, seconds(before_.at, state.at))
        : run.resumes === 0
          ? rateOf(step.read, seconds(step.startedAt, state.at))
          : null;
    return { rate, secondsLeft: timeFor(remaining(step), rate) };
  };
  const left = steps.map(remaining);
  const total = left.includes(null) ? null : left.reduce<number>((sum, rows) => sum + (rows ?? 0), 0);
  const rate = !alive
    ? null
    : before_?.run != null
      ? rateOf(run.read - before_.run.read, seconds(before_.at, state.at))
      : run.resumes === 0
        ? rateOf(run.read, seconds(run.startedAt, state.at))
        : null;
  return {
    alive,
    rate,
    secondsLeft: timeFor(total, rate),
    steps: new Map(steps.map((step) => [step.mapping, of(step)])),
  };
}

const rateOf = (rows: number, time: number): number | null => (time < LEAST_SECONDS ? null : rows / time);

const timeFor = (rows: number | null, rate: number | null): number | null =>
  rows === null || rate === null || rate <= 0 ? null : rows / rate;

/** Rows of a mapping that are still to be read; null where nobody knows. */
function remaining({ status, read, expected }: StepState): number | null {
  if (status !== 'running' && status !== 'waiting') return 0;
  if (expected === null || expected.rows < read) return null;
  return expected.rows - read;
}
