import type { RunResult } from '../engine/contract/result.js';
import { PLACES, sumSpent, totalSpent, type Place, type Spent } from '../engine/contract/spent.js';
import { counted, duration } from './format.js';
import { PLACE_WORDS, whyOf, type EarlierLoad, type StepTime } from './bottleneck/why.js';

/** Seconds below which a share says nothing: what a run does once takes most of them. */
const LEAST = 1;

/** Of the run's time on one processor, from which its process is what everything waits for. */
const BUSY = 0.8;

/** The place that takes most of the time, with its share; null where the time is too short to say. */
function most(spent: Spent): { readonly place: Place; readonly percent: number } | null {
  const total = totalSpent(spent);
  if (total < LEAST) return null;
  const place = PLACES.reduce((best, one) => (spent[one] > spent[best] ? one : best));
  return { place, percent: Math.round((spent[place] / total) * 100) };
}

/** The place that takes most of the time, with its share: `target 61 %`; empty where there is nothing to say. */
export function shareWords(spent: Spent | null): string {
  const found = spent === null ? null : most(spent);
  return found === null ? '' : `${found.place} ${String(found.percent)} %`;
}

/**
 * Where a mapping's time goes and what would help, a sentence without its full stop; null where nothing was measured, or
 * too little to say. From recorded figures and what was chosen for the load alone; a saving is named only where an
 * earlier run has shown it.
 */
export function bottleneckOf(step: StepTime): string | null {
  const found = step.spent === null ? null : most(step.spent);
  if (step.spent === null || found === null) return null;
  const { place, percent } = found;
  return `${PLACE_WORDS[place]} ${String(percent)} % of the time${whyOf(place, step, step.spent)}`;
}

/**
 * The same of a run: of its mappings' times together, with the mapping that has most of it.
 * @param seconds how long the run has taken, where that is known: tells whether its one process is the limit
 */
export function runBottleneck(steps: readonly StepTime[], seconds: number | null): string | null {
  const measured = steps.flatMap((step) => (step.spent === null ? [] : [{ step, spent: step.spent }]));
  const all = sumSpent(measured.map(({ spent }) => spent));
  const found = most(all);
  if (found === null) return null;
  if (seconds !== null && seconds >= LEAST && all.program / seconds >= BUSY) {
    const percent = String(Math.min(100, Math.round((all.program / seconds) * 100)));
    return `this process is the limit: for ${percent} % of ${duration(seconds * 1000)} it has made rows, on one processor; more jobs or ranges would not help, fewer or cheaper steps would`;
  }
  const { place, percent } = found;
  const [first, ...others] = [...measured].sort((a, b) => b.spent[place] - a.spent[place]);
  if (first === undefined) return null;
  const { step, spent } = first;
  const of = `${PLACE_WORDS[place]} ${String(percent)} % of the time of ${counted(measured.length, 'mapping')}`;
  if (others.length === 0) return `${step.mapping}: ${bottleneckOf(step) ?? of}`;
  const part = Math.round((spent[place] / all[place]) * 100);
  return `${of}, ${step.mapping} ${String(part)} % of it${whyOf(place, step, spent)}`;
}

/** Sentences; null, or left out, where there is nothing to say. */
export interface Bottlenecks {
  readonly run: string | null;
  readonly mappings: ReadonlyMap<string, string>;
}

/** Those of a run that has ended. @param before the run before, where there is one */
export function bottlenecksOf(result: RunResult, before: RunResult | null): Bottlenecks {
  const steps = result.mappings.map((mapping) => ({
    ...mapping,
    earlier: earlierOf(before, mapping.mapping),
  }));
  return {
    run: runBottleneck(steps, result.duration_ms / 1000),
    mappings: new Map(
      steps.flatMap((step) => {
        const said = bottleneckOf(step);
        return said === null ? [] : [[step.mapping, said] as const];
      }),
    ),
  };
}

function earlierOf(before: RunResult | null, name: string): EarlierLoad | null {
  const found = before?.mappings.find(({ mapping }) => mapping === name);
  if (before === null || found === undefined || found.spent === null || found.settings === null) return null;
  if (found.status !== 'succeeded' || found.readFrom !== null) return null;
  const { spent, settings, inserted, updated } = found;
  return {
    run: before.run,
    mode: settings.constraints.mode,
    written: inserted + updated,
    seconds: spent.target + spent.constraints,
  };
}
