import type { MappingResult, RunResult } from './result.js';

/** Rows so far of one mapping. */
export interface Progress {
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly rejected: number;
  /** Bytes read from the source. */
  readonly bytes: number;
}

/** What happens in a run, for whoever watches it: progress, log file, dashboard. The engine itself prints nothing. */
export type RunEvent =
  | {
      readonly type: 'run_started';
      readonly run: string;
      readonly project: string;
      /** In running order; `estimatedRows` is the source planner's estimate. */
      readonly mappings: readonly {
        readonly name: string;
        readonly phase: string | null;
        readonly estimatedRows: number;
      }[];
    }
  | { readonly type: 'mapping_started'; readonly mapping: string }
  /** After each committed batch. */
  | { readonly type: 'batch'; readonly mapping: string; readonly progress: Progress }
  /** A stage after the rows: second pass, count, checks. */
  | { readonly type: 'stage'; readonly mapping: string; readonly stage: string }
  /** A step of the plan has ended: a load, a second pass, hooks. */
  | { readonly type: 'step_finished'; readonly mapping: string; readonly succeeded: boolean }
  | { readonly type: 'mapping_finished'; readonly result: MappingResult }
  | { readonly type: 'notice'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly type: 'run_finished'; readonly result: RunResult };

export type Emit = (event: RunEvent) => void;
