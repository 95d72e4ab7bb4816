import type { RunEvent } from '../../contract/events.js';
import type { MappingResult } from '../../contract/result.js';
import { createRate, type Rate } from './rate.js';

/** A mapping that is being loaded. Times are milliseconds of the clock that the events were applied with. */
export interface InWork {
  readonly name: string;
  readonly estimatedRows: number;
  readonly since: number;
  read: number;
  rejected: number;
  /** What it does after its rows (`second pass`, `checks`), or null while it loads. */
  stage: string | null;
  readonly rate: Rate;
}

/** What is known of a run so far. Changed in place by {@link apply}: a run gives an event a batch. */
export interface RunState {
  readonly since: number;
  /** By name, from `run_started`. */
  readonly estimates: Map<string, number>;
  readonly inWork: Map<string, InWork>;
  /** Rows read and rejected by mappings that are over. */
  done: { mappings: number; read: number; rejected: number };
  readonly rate: Rate;
}

export function newState(now: number): RunState {
  return {
    since: now,
    estimates: new Map(),
    inWork: new Map(),
    done: { mappings: 0, read: 0, rejected: 0 },
    rate: createRate(now),
  };
}

export function apply(state: RunState, event: RunEvent, now: number): void {
  switch (event.type) {
    case 'run_started':
      for (const { name, estimatedRows } of event.mappings) state.estimates.set(name, estimatedRows);
      break;
    case 'mapping_started':
      start(state, event.mapping, now);
      break;
    case 'batch': {
      const work = state.inWork.get(event.mapping) ?? start(state, event.mapping, now);
      work.read = event.progress.read;
      work.rejected = event.progress.rejected;
      work.rate.note(work.read, now);
      state.rate.note(rowsRead(state), now);
      break;
    }
    case 'stage': {
      const work = state.inWork.get(event.mapping) ?? start(state, event.mapping, now);
      work.stage = event.stage;
      break;
    }
    case 'mapping_finished':
      finish(state, event.result);
      state.rate.note(rowsRead(state), now);
      break;
    case 'step_finished':
    case 'notice':
      break;
    case 'run_finished':
      state.inWork.clear();
      break;
  }
}

export function rowsRead(state: RunState): number {
  return [...state.inWork.values()].reduce((total, work) => total + work.read, state.done.read);
}

export function rowsRejected(state: RunState): number {
  return [...state.inWork.values()].reduce((total, work) => total + work.rejected, state.done.rejected);
}

/** Part of the estimated rows that was read, below 1, or null where the estimate is none or was exceeded. */
export function partOf(work: InWork): number | null {
  return work.estimatedRows > 0 && work.read < work.estimatedRows ? work.read / work.estimatedRows : null;
}

/** Milliseconds that the rows still take at the rate of the last seconds; null where that is unknown. */
export function timeLeft(work: InWork, now: number): number | null {
  const rate = work.rate.perSecond(now);
  if (partOf(work) === null || work.stage !== null || rate === 0 || work.read === 0) return null;
  return ((work.estimatedRows - work.read) / rate) * 1000;
}

function start(state: RunState, name: string, now: number): InWork {
  const work: InWork = {
    name,
    estimatedRows: state.estimates.get(name) ?? 0,
    since: now,
    read: 0,
    rejected: 0,
    stage: null,
    rate: createRate(now),
  };
  state.inWork.set(name, work);
  return work;
}

function finish(state: RunState, result: MappingResult): void {
  state.inWork.delete(result.mapping);
  state.done = {
    mappings: state.done.mappings + 1,
    read: state.done.read + result.read,
    rejected: state.done.rejected + result.rejected,
  };
}
