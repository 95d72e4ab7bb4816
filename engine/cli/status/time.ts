import { bottleneckOf, runBottleneck, shareWords } from '../../../reports/bottleneck.js';
import type { RunMeasures } from '../../state/measures.js';
import type { ProjectState } from '../../state/status.js';

/** Where a run's time goes, as `etl status` shows it. */
export interface TimeShown {
  readonly measures: RunMeasures;
  /** A sentence; null where there is nothing to say. */
  readonly bottleneck: string | null;
  /** By mapping: the place that takes most of its time, `target 61 %`. */
  readonly shares: ReadonlyMap<string, string>;
}

/** @param state of the moment that the measures were read in */
export function timeShown({ at, run }: ProjectState, measures: RunMeasures): TimeShown {
  // What came before a resume is not among the measures.
  const seconds =
    run === null || run.resumes > 0
      ? null
      : (Date.parse(run.finishedAt ?? at) - Date.parse(run.startedAt)) / 1000;
  return {
    measures,
    bottleneck: runBottleneck(measures.steps, seconds),
    shares: new Map(measures.steps.map((step) => [step.mapping, shareWords(step.spent)])),
  };
}

/** What `etl status --json` says of a run. */
export const runTimeJson = ({ measures: { spent, memory, retries }, bottleneck }: TimeShown): object => ({
  spent,
  bottleneck,
  memory,
  retries,
});

/** What it says of a mapping; of one that has not begun all is null or 0. */
export function stepTimeJson({ measures }: TimeShown, mapping: string): object {
  const step = measures.steps.find((one) => one.mapping === mapping);
  return {
    spent: step?.spent ?? null,
    bottleneck: step === undefined ? null : bottleneckOf(step),
    batches: step?.batches ?? 0,
    bytes_sent: step?.bytes ?? 0,
    bytes_read: step?.bytesRead ?? 0,
    retries: step?.retries ?? 0,
  };
}
