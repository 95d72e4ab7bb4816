import type { DashboardRun, DashboardStep } from '../../engine/contract/dashboard.js';
import { counted } from '../format.js';
import { hasEnded } from './words.js';

/**
 * Seconds that a mapping has taken, of one that has ended. State notes when it was last touched, which the run's end does once more:
 * what it has measured of itself is nearer.
 */
export function took({ seconds, spent }: DashboardStep): number | null {
  if (seconds === null || spent === null) return seconds;
  const measured = Object.values(spent).reduce((sum, place) => sum + place, 0);
  return measured > 0 ? Math.min(seconds, measured) : seconds;
}

/** How far a mapping is, 0 to 1; null where nobody knows how many rows there are. */
export function partOf(step: DashboardStep): number | null {
  if (hasEnded(step)) return 1;
  if (step.status === 'waiting') return 0;
  if (step.expected_rows === null) return null;
  return step.expected_rows === 0 ? 0 : Math.min(1, step.read / step.expected_rows);
}

/**
 * How far a run is, 0 to 1, by rows; a run with work left is never at 1. Null where the rows of a mapping that is not done are not known.
 */
export function partOfRun({ mappings, run }: DashboardRun): number | null {
  if (run.status === 'succeeded') return 1;
  let [done, all] = [0, 0];
  for (const step of mappings) {
    const expected = hasEnded(step) ? step.read : step.expected_rows;
    if (expected === null) return null;
    done += Math.min(step.read, expected);
    all += expected;
  }
  return all === 0 ? null : Math.min(0.99, done / all);
}

/** `12 of 28 mappings done, 2 running`. */
export function stepsInWords(mappings: readonly DashboardStep[]): string {
  const with_ = (status: string): number => mappings.filter((step) => step.status === status).length;
  const others = ['running', 'failed', 'interrupted', 'cut_off', 'not_run']
    .map((status) => [with_(status), status.replace('_', ' ')] as const)
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${String(number)} ${word}`);
  const done = `${String(with_('succeeded'))} of ${counted(mappings.length, 'mapping')} done`;
  return [done, ...others].join(', ');
}
