import type { KeptPlan, Plan } from '../contract/plan.js';

/** What the state keeps of a plan. @param phases in running order @param jobs mappings at a time */
export function keptPlan({ steps }: Plan, phases: readonly string[], jobs: number): KeptPlan {
  const place = new Map(steps.map(({ id }, n) => [id, n]));
  const rank = (phase: string | null): number => phases.indexOf(phase ?? '');
  return {
    jobs,
    phases,
    steps: steps.map((step) => ({
      kind: step.kind,
      mapping: step.mapping,
      column: step.kind === 'second_pass' ? step.column : null,
      phase: step.phase,
      needs: step.needs.flatMap((id) => {
        const at = place.get(id);
        const other = steps[at ?? -1];
        return at === undefined || other === undefined || rank(other.phase) < rank(step.phase) ? [] : [at];
      }),
    })),
  };
}
