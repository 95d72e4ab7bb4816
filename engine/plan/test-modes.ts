import type { Plan } from '../contract/plan.js';

/** What a test mode changes of a plan. */
export interface TestMode {
  /** Why constraints stay where they are, and each mapping is read by one reader. */
  readonly reason: string;
  /** Rows by mapping, in place of the estimates; null where these stay. */
  readonly rows: ReadonlyMap<string, number> | null;
}

/** The same steps without what a test mode leaves alone: constraints stay in place, rows come in one range. */
export function testPlan({ steps }: Plan, { reason, rows }: TestMode): Plan {
  return {
    steps: steps.map((step) =>
      step.kind === 'load'
        ? {
            ...step,
            estimatedRows: rows?.get(step.mapping) ?? step.estimatedRows,
            constraints: { mode: 'keep', drop: [], reason, kept: [] },
            ranges: { count: 1, rows: null, reason },
          }
        : step,
    ),
  };
}
