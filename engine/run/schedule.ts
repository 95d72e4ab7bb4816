import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import type { Step } from '../contract/plan.js';

export type StepOutcome = 'succeeded' | 'failed' | 'not_run';

/** Mappings at a time where nobody says how many. */
export const defaultJobs = (): number => Math.min(4, Math.max(2, availableParallelism()));

/** Why a step cannot run. */
export interface InTheWay {
  /** A step that is needed and has not succeeded. */
  readonly step: string;
  /** The step that failed: this one, or the one that stood in its way in turn. */
  readonly cause: string;
}

/**
 * Runs steps as soon as all that they need has succeeded, at most `jobs` at a time.
 * @param run does one step and never throws: it gives whether it succeeded
 * @param skip is told of a step that cannot run, and of what stands in its way
 */
export async function schedule(
  steps: readonly Step[],
  jobs: number,
  run: (step: Step) => Promise<boolean>,
  skip: (step: Step, because: InTheWay) => void,
): Promise<ReadonlyMap<string, StepOutcome>> {
  const limit = pLimit(jobs);
  const settled = new Map<string, Promise<StepOutcome>>();
  const causes = new Map<string, string>();
  for (const step of steps) {
    const needs = step.needs.map((id) => ({
      id,
      outcome: settled.get(id) ?? Promise.resolve('not_run' as const),
    }));
    const one = async (): Promise<StepOutcome> => {
      for (const { id, outcome } of needs) {
        if ((await outcome) === 'succeeded') continue;
        const cause = causes.get(id) ?? id;
        causes.set(step.id, cause);
        skip(step, { step: id, cause });
        return 'not_run';
      }
      return limit(async () => ((await run(step)) ? 'succeeded' : 'failed'));
    };
    settled.set(step.id, one());
  }
  const outcomes = new Map<string, StepOutcome>();
  for (const [id, outcome] of settled) outcomes.set(id, await outcome);
  return outcomes;
}
