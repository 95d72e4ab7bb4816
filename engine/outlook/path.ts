import type { KeptPlan } from '../contract/plan.js';
import { criticalPath } from '../graph/critical-path.js';
import type { StepState } from '../state/status.js';

/** Mappings that the length of a run that is over hung on, in their order, by when each began and ended. */
export function pathTaken(
  { steps: planned, phases }: KeptPlan,
  steps: readonly StepState[],
): readonly string[] {
  const loads = new Map(planned.flatMap((step) => (step.kind === 'load' ? [[step.mapping, step]] : [])));
  return criticalPath(
    steps.flatMap(({ mapping, startedAt, updatedAt }) => {
      if (startedAt === null || updatedAt === null) return [];
      const load = loads.get(mapping);
      return {
        name: mapping,
        rank: phases.indexOf(load?.phase ?? ''),
        needs: (load?.needs ?? []).map((place) => planned[place]?.mapping ?? ''),
        began: Date.parse(startedAt),
        ended: Date.parse(updatedAt),
      };
    }),
  );
}
