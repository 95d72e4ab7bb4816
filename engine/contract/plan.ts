import type { ConstraintPlan } from './constraints.js';

/** One thing that a run does; `needs` names the steps that must have succeeded before. */
export type Step =
  | {
      readonly id: string;
      readonly kind: 'load';
      readonly mapping: string;
      readonly phase: string | null;
      readonly needs: readonly string[];
      /** The source planner's estimate. */
      readonly estimatedRows: number;
      readonly constraints: ConstraintPlan;
    }
  | {
      readonly id: string;
      readonly kind: 'second_pass';
      readonly mapping: string;
      readonly column: string;
      /** The mapping that the column refers to. */
      readonly references: string;
      readonly phase: string | null;
      readonly needs: readonly string[];
    };

/** What a run will do, in an order in which it could be done one after the other. */
export interface Plan {
  readonly steps: readonly Step[];
}
