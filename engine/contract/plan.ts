import type { ConstraintPlan } from './constraints.js';
import type { Hooks } from './mapping.js';

/** Into how many key ranges a mapping's rows are split that are read and loaded side by side. */
export interface RangeChoice {
  readonly count: number;
  /** Rows of a range where the mapping says so; else ranges are of one size by the source's statistics. */
  readonly rows: number | null;
  readonly reason: string;
}

/** How the keys that a column refers to are kept. */
export interface KeyChoice {
  readonly column: string;
  readonly mapping: string;
  readonly kind: 'integer' | 'words' | 'text' | 'batched';
  /** Bytes in memory, by the estimate. */
  readonly bytes: number;
  readonly reason: string;
}

/** What was chosen for a load, and why. */
export interface LoadChoice {
  /** The source planner's estimate. */
  readonly estimatedRows: number;
  readonly constraints: ConstraintPlan;
  readonly ranges: RangeChoice;
  /** What the reader asks of the source. */
  readonly sql: string;
  /** What a run reads of the mapping, and why; empty where that is always everything. */
  readonly reading: string;
  /** Why new rows do not go by COPY straight into their table; empty where they do. */
  readonly staged: string;
  /** How rows that the target has already are found. */
  readonly existing: string;
  readonly keys: readonly KeyChoice[];
}

/** One thing that a run does; `needs` names the steps that must have succeeded before. */
export type Step =
  | (LoadChoice & {
      readonly id: string;
      readonly kind: 'load';
      readonly mapping: string;
      /** SQL on the target before the first batch. */
      readonly before: Hooks['before'];
      readonly phase: string | null;
      readonly needs: readonly string[];
    })
  | {
      readonly id: string;
      readonly kind: 'second_pass';
      readonly mapping: string;
      readonly column: string;
      /** The mapping that the column refers to. */
      readonly references: string;
      /** Rows that may wait for it at the most: all of the mapping, by the estimate. */
      readonly rowsAtMost: number;
      /** Why there must be one, and what becomes of a row whose reference is missing then. */
      readonly reason: string;
      readonly phase: string | null;
      readonly needs: readonly string[];
    }
  /** SQL on the target when a mapping's rows and second passes are done. */
  | {
      readonly id: string;
      readonly kind: 'hooks';
      readonly mapping: string;
      readonly after: Hooks['after'];
      readonly phase: string | null;
      readonly needs: readonly string[];
    };

/** What a run will do, in an order in which it could be done one after the other. */
export interface Plan {
  readonly steps: readonly Step[];
}

/** A plan as the state keeps it of a run: what waits for what. */
export interface KeptPlan {
  /** Mappings at a time. */
  readonly jobs: number;
  /** In running order. */
  readonly phases: readonly string[];
  readonly steps: readonly KeptStep[];
}

export interface KeptStep {
  readonly kind: Step['kind'];
  readonly mapping: string;
  /** Of a second pass. */
  readonly column: string | null;
  readonly phase: string | null;
  /**
   * Places in the list of the steps that it needs. Those of earlier phases are needed as well and not listed: of 400 mappings
   * they would be 80,000.
   */
  readonly needs: readonly number[];
}
