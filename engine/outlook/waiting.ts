import type { KeptPlan } from '../contract/plan.js';

/** Places of all that a step of a plan needs, steps of earlier phases included. */
export function needsOf({ steps, phases }: KeptPlan, place: number): readonly number[] {
  const step = steps[place];
  if (step === undefined) return [];
  const rank = phases.indexOf(step.phase ?? '');
  const before = steps.flatMap(({ phase }, n) => (phases.indexOf(phase ?? '') < rank ? [n] : []));
  return [...step.needs, ...before];
}

/**
 * The mappings that a mapping waits for: before its rows, or before a second pass when these are loaded.
 * @param isOpen whether a mapping is still to be loaded, or being loaded
 */
export function waitingFor(
  plan: KeptPlan,
  mapping: string,
  status: string,
  isOpen: (mapping: string) => boolean,
): readonly string[] {
  if (status !== 'waiting' && status !== 'succeeded') return [];
  const kind = status === 'waiting' ? 'load' : 'second_pass';
  const places = plan.steps.flatMap((step, n) => (step.kind === kind && step.mapping === mapping ? [n] : []));
  const needed = places.flatMap((n) => needsOf(plan, n)).map((n) => plan.steps[n]?.mapping ?? '');
  return [...new Set(needed)].filter((name) => name !== mapping && isOpen(name));
}

/** Places of steps that will not run, since something that they need has not succeeded. @param hasFailed of a mapping */
export function blockedSteps(plan: KeptPlan, hasFailed: (mapping: string) => boolean): ReadonlySet<number> {
  const blocked = new Set<number>();
  plan.steps.forEach((_, n) => {
    const isBlocked = needsOf(plan, n).some(
      (need) => blocked.has(need) || hasFailed(plan.steps[need]?.mapping ?? ''),
    );
    if (isBlocked) blocked.add(n);
  });
  return blocked;
}
