import { counted } from '../contract/counted.js';
import type { KeptPlan } from '../contract/plan.js';
import type { Pace, Paces } from '../state/pace.js';
import type { ProjectState, StepState } from '../state/status.js';
import { pathTaken } from './path.js';
import {
  rateOf,
  runningSeconds,
  secondsBetween,
  slowness,
  usualRate,
  waitingSeconds,
  type Measures,
  type Remaining,
} from './durations.js';
import { simulate, type Work } from './simulate.js';
import { blockedSteps, needsOf, waitingFor } from './waiting.js';

/** How a run goes on, as far as that can be told. Null: unknown. */
export interface Outlook {
  /** The run's process holds the project's lock. */
  readonly alive: boolean;
  /** Rows a second that are read. */
  readonly rate: number | null;
  /** At least 1 as long as anything is to be done. */
  readonly secondsLeft: number | null;
  /** What the time left rests on, a sentence; null where it is unknown. */
  readonly basis: string | null;
  /** Names of mappings, in the order in which the run's end hangs on them; of a run that is over, in which its length did. */
  readonly criticalPath: readonly string[];
  /** Those that have begun first, then in the plan's order. */
  readonly steps: ReadonlyMap<string, StepOutlook>;
}

export interface StepOutlook {
  readonly phase: string | null;
  readonly rate: number | null;
  /** Of one that waits, the time that it will take once it begins. */
  readonly secondsLeft: number | null;
  /** It will not be loaded: something that it needs has failed. */
  readonly isBlocked: boolean;
  /** Mappings that it waits for now. */
  readonly waitsFor: readonly string[];
}

/** What does not change while a run goes on. */
export interface Known {
  /** Null for a run of an older version. */
  readonly plan: KeptPlan | null;
  readonly paces: Paces;
}

export const NOTHING_KNOWN: Known = { plan: null, paces: { mappings: new Map(), closingSeconds: null } };

/**
 * Rates between two looks at the state, else since the mappings began. What is left is the longest way through the plan: each
 * mapping's time comes from an earlier run that read all of it, scaled by rows and by how this run does, or else from the
 * present rate.
 * @param before an earlier look at the same run
 */
export function outlookOf(state: ProjectState, before: ProjectState | null, known: Known): Outlook {
  const { run, steps, worker } = state;
  const alive = run?.status === 'running' && worker !== null;
  const earlier = before?.run?.run === run?.run && before?.run?.resumes === run?.resumes ? before : null;
  const measures: Measures = {
    at: state.at,
    slowness: slowness(state, known.paces),
    usualRate: usualRate(state),
  };
  const rates = new Map(steps.map((step) => [step.mapping, alive ? stepRate(step, state, earlier) : null]));
  const remaining = new Map<string, Remaining>();
  const blocked = known.plan === null ? NONE : blockedLoads(known.plan, steps);
  for (const step of alive ? steps : []) {
    if (blocked.has(step.mapping)) continue;
    const pace = known.paces.mappings.get(step.mapping);
    const rate = rates.get(step.mapping) ?? null;
    if (step.status === 'waiting') remaining.set(step.mapping, waitingSeconds(step, pace, measures));
    if (step.status === 'running') remaining.set(step.mapping, runningSeconds(step, rate, pace, measures));
  }
  const course = alive ? courseOf(state, known, remaining) : courseTaken(state, known);
  const phases = new Map(known.plan?.steps.map(({ mapping, phase }) => [mapping, phase]));
  const isOpen = (mapping: string): boolean => remaining.has(mapping);
  return {
    alive,
    rate: alive ? runRate(state, earlier) : null,
    ...course,
    basis: course.secondsLeft === null ? null : basisOf(remaining, known, measures),
    steps: new Map(
      inPlannedOrder(steps, known.plan).map(({ mapping, status }) => [
        mapping,
        {
          phase: phases.get(mapping) ?? null,
          rate: rates.get(mapping) ?? null,
          secondsLeft: remaining.get(mapping)?.load ?? null,
          isBlocked: alive && blocked.has(mapping) && status === 'waiting',
          waitsFor:
            alive && known.plan !== null && !blocked.has(mapping)
              ? waitingFor(known.plan, mapping, status, isOpen)
              : [],
        },
      ]),
    ),
  };
}

const NONE: ReadonlySet<string> = new Set();

/** Those that have begun as they are; the others as the plan has them. */
function inPlannedOrder(steps: readonly StepState[], plan: KeptPlan | null): readonly StepState[] {
  const places = new Map((plan?.steps ?? []).map(({ mapping }, n) => [mapping, n] as const).reverse());
  const place = ({ mapping, startedAt }: StepState): number =>
    startedAt === null ? (places.get(mapping) ?? places.size) : -1;
  return [...steps].sort((a, b) => place(a) - place(b));
}

/** A run's steps in the outlook's order. */
export const ordered = (steps: readonly StepState[], outlook: Outlook): readonly StepState[] => {
  const places = new Map([...outlook.steps.keys()].map((mapping, n) => [mapping, n] as const));
  return [...steps].sort((a, b) => (places.get(a.mapping) ?? 0) - (places.get(b.mapping) ?? 0));
};

/** Mappings that will not be loaded, since others have failed. */
function blockedLoads(plan: KeptPlan, steps: readonly StepState[]): ReadonlySet<string> {
  const failed = new Set(
    steps.flatMap(({ mapping, status }) =>
      status === 'failed' || status === 'interrupted' ? [mapping] : [],
    ),
  );
  const blocked = blockedSteps(plan, (mapping) => failed.has(mapping));
  return new Set([...blocked].flatMap((n) => (plan.steps[n]?.kind === 'load' ? plan.steps[n].mapping : [])));
}

const NO_COURSE: { readonly secondsLeft: null; readonly criticalPath: readonly string[] } = {
  secondsLeft: null,
  criticalPath: [],
};

function stepRate(step: StepState, state: ProjectState, before: ProjectState | null): number | null {
  if (step.status !== 'running' || step.startedAt === null) return null;
  const earlier = before?.steps.find(({ mapping }) => mapping === step.mapping);
  // What was resumed meanwhile is counted from nothing again.
  const isSame = earlier?.startedAt === step.startedAt && earlier.read <= step.read;
  return before !== null && isSame
    ? rateOf(step.read - earlier.read, secondsBetween(before.at, state.at))
    : rateOf(step.read, secondsBetween(step.startedAt, state.at));
}

function runRate(state: ProjectState, before: ProjectState | null): number | null {
  const { run, at } = state;
  if (run === null) return null;
  if (before?.run != null && before.run.read <= run.read) {
    return rateOf(run.read - before.run.read, secondsBetween(before.at, at));
  }
  return run.resumes === 0 ? rateOf(run.read, secondsBetween(run.startedAt, at)) : null;
}

const courseTaken = ({ run, steps }: ProjectState, { plan }: Known): typeof NO_COURSE =>
  plan === null || run === null || run.status === 'running'
    ? NO_COURSE
    : { secondsLeft: null, criticalPath: pathTaken(plan, steps) };

/** The way through what is still to be done. */
function courseOf(
  state: ProjectState,
  { plan, paces }: Known,
  remaining: ReadonlyMap<string, Remaining>,
): Pick<Outlook, 'secondsLeft' | 'criticalPath'> {
  if (plan === null) return NO_COURSE;
  const steps = new Map(state.steps.map((step) => [step.mapping, step]));
  const waiting = new Map(
    state.secondPasses.map(({ mapping, column, rows }) => [`${mapping} ${column}`, rows]),
  );
  const works = plan.steps.map(({ kind, mapping, column }, n): Work => {
    const status = steps.get(mapping)?.status ?? 'waiting';
    const of = { mapping, needs: needsOf(plan, n) };
    const left = remaining.get(mapping);
    if (kind === 'load') {
      const load = left === undefined ? 0 : left.load;
      return {
        ...of,
        seconds: load,
        state: left === undefined ? 'done' : status === 'running' ? 'running' : 'waiting',
      };
    }
    const isOver = left === undefined && (waiting.get(`${mapping} ${column ?? ''}`) ?? 0) === 0;
    if (isOver || kind === 'hooks') return { ...of, seconds: 0, state: isOver ? 'done' : 'waiting' };
    const passes = plan.steps.filter((other) => other.kind === kind && other.mapping === mapping).length;
    const after = left === undefined ? afterSeconds(paces.mappings.get(mapping)) : left.after;
    // Without an earlier run it is left out, which `basis` says.
    return { ...of, seconds: (after ?? 0) / passes, state: 'waiting' };
  });
  const { seconds, path } = simulate(works, plan.jobs);
  const names = path.map((n) => works[n]?.mapping ?? '');
  const criticalPath = names.filter((name, n) => name !== names[n - 1]);
  if (seconds === null) return { secondsLeft: null, criticalPath };
  return { secondsLeft: withClosing(seconds, state, paces.closingSeconds), criticalPath };
}

const afterSeconds = (pace: Pace | undefined): number | null => pace?.afterSeconds ?? null;

/** With what comes when all mappings are done. Where only that is left and nobody knows how long it takes: null. */
function withClosing(seconds: number, { at, steps }: ProjectState, closing: number | null): number | null {
  if (seconds > 0) return Math.max(1, seconds + (closing ?? 0));
  if (closing === null) return null;
  const ended = steps.flatMap(({ updatedAt }) => (updatedAt === null ? [] : [Date.parse(updatedAt)]));
  const since = ended.length === 0 ? 0 : (Date.parse(at) - Math.max(...ended)) / 1000;
  return Math.max(1, closing - Math.max(0, since));
}

function basisOf(
  remaining: ReadonlyMap<string, Remaining>,
  { paces }: Known,
  { slowness: slow }: Measures,
): string {
  const of = (from: Remaining['from']): readonly string[] =>
    [...remaining].flatMap(([mapping, left]) => (left.from === from ? [mapping] : []));
  const [past, present] = [of('earlier run'), of('present rate')];
  const runs = [...new Set(past.flatMap((name) => paces.mappings.get(name)?.run ?? []))];
  const which = runs.length === 1 ? `run ${runs[0] ?? ''}` : `${String(runs.length)} earlier runs`;
  const pace =
    Math.abs(slow - 1) < 0.05 ? '' : ` and by this run's own pace (${slow.toFixed(1)} times as long)`;
  const isWhole = [...remaining.keys()].every((name) => paces.mappings.get(name)?.afterSeconds != null);
  return [
    ...(past.length > 0 ? [`${counted(past.length, 'mapping')} by ${which}, scaled by rows${pace}`] : []),
    ...(present.length > 0 ? [`${counted(present.length, 'mapping')} by the present rate`] : []),
    ...(remaining.size === 0 ? ['by how long an earlier run took when its mappings were done'] : []),
    ...(isWhole ? [] : ['without second passes and constraints that no earlier run has timed']),
  ].join('; ');
}
