import type { Pace, Paces } from '../state/pace.js';
import type { ProjectState, StepState } from '../state/status.js';

/** Seconds that parts of a mapping still take; null where nobody knows. */
export interface Remaining {
  /** Reading and loading its rows, constraints included. */
  readonly load: number | null;
  /** Its second passes together. */
  readonly after: number | null;
  readonly from: 'earlier run' | 'present rate' | null;
}

/** Two looks closer than this tell no rate. */
const LEAST_SECONDS = 0.5;

/** So long have mappings to have worked before their pace is compared with that of an earlier run. */
const TELLING_SECONDS = 3;

/** Work that is not done takes at least this long. */
const LEAST_LEFT = 1;

export const secondsBetween = (from: string, to: string): number =>
  (Date.parse(to) - Date.parse(from)) / 1000;

export const rateOf = (rows: number, seconds: number): number | null =>
  seconds < LEAST_SECONDS || rows < 0 ? null : rows / seconds;

/** What an earlier pace makes of so many rows. */
const scaled = (seconds: number, { rows }: Pace, now: number | null): number =>
  rows === 0 || now === null ? seconds : (seconds * now) / rows;

/**
 * How many times longer mappings take in this run than an earlier one tells, by those that are done; 1 where that is not to be
 * told yet.
 */
export function slowness({ steps }: ProjectState, { mappings }: Paces): number {
  let [actual, told] = [0, 0];
  for (const { mapping, status, read, startedAt, updatedAt } of steps) {
    const pace = mappings.get(mapping);
    if (status !== 'succeeded' || pace === undefined || startedAt === null || updatedAt === null) continue;
    actual += secondsBetween(startedAt, updatedAt);
    told += scaled(pace.rowSeconds + (pace.constraintSeconds ?? 0), pace, read);
  }
  return told < TELLING_SECONDS || actual <= 0 ? 1 : Math.min(5, Math.max(0.2, actual / told));
}

/** Rows a second and mapping, by what has been read so far; null before there is any. */
export function usualRate({ at, steps }: ProjectState): number | null {
  let [rows, seconds] = [0, 0];
  for (const { status, read, startedAt, updatedAt } of steps) {
    if (startedAt === null || (status !== 'succeeded' && status !== 'running')) continue;
    rows += read;
    seconds += secondsBetween(startedAt, status === 'running' ? at : (updatedAt ?? at));
  }
  const rate = rateOf(rows, seconds);
  return rate === 0 ? null : rate;
}

/** What is known of the run as a whole. */
export interface Measures {
  readonly at: string;
  readonly slowness: number;
  readonly usualRate: number | null;
}

/** Of a mapping that has not begun. */
export function waitingSeconds(
  { expected }: StepState,
  pace: Pace | undefined,
  { slowness: slow, usualRate: usual }: Measures,
): Remaining {
  const rows = expected?.rows ?? null;
  if (pace !== undefined) {
    const load = scaled(pace.rowSeconds + (pace.constraintSeconds ?? 0), pace, rows) * slow;
    const after = pace.afterSeconds === null ? null : scaled(pace.afterSeconds, pace, rows) * slow;
    return { load, after, from: 'earlier run' };
  }
  if (rows === null || usual === null) return { load: null, after: null, from: null };
  return { load: rows / usual, after: null, from: 'present rate' };
}

/** Of a mapping that reads rows. @param rate its own, null where that is not to be told yet */
export function runningSeconds(
  step: StepState,
  rate: number | null,
  pace: Pace | undefined,
  measures: Measures,
): Remaining {
  const { expected, read, updatedAt, startedAt } = step;
  const whole = waitingSeconds(step, pace, measures);
  if (expected === null || read > expected.rows) return { ...whole, load: null };
  const tail = scaled(pace?.constraintSeconds ?? 0, pace ?? NO_PACE, expected.rows) * measures.slowness;
  const rows = expected.rows - read;
  if (rows === 0) {
    // All rows are read: what is still to be done nobody knows but from an earlier run.
    if (pace?.constraintSeconds == null) return { ...whole, load: null };
    const idle = secondsBetween(updatedAt ?? startedAt ?? measures.at, measures.at);
    return { ...whole, load: Math.max(LEAST_LEFT, tail - idle) };
  }
  if (rate !== null && rate > 0 && read > 0) {
    return { ...whole, load: Math.max(LEAST_LEFT, rows / rate + tail), from: 'present rate' };
  }
  // Nothing is read yet, or nothing comes at the moment.
  if (pace === undefined || whole.load === null) return { ...whole, load: null };
  const part = expected.rows === 0 ? 1 : rows / expected.rows;
  return { ...whole, load: Math.max(LEAST_LEFT, whole.load * part) };
}

const NO_PACE: Pace = { run: '', rows: 0, rowSeconds: 0, constraintSeconds: 0, afterSeconds: 0 };
