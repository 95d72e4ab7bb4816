import type { Mapping } from '../contract/mapping.js';
import type { Step } from '../contract/plan.js';

/**
 * Puts the hooks behind mappings among the steps: when the mapping's load and second passes are done. Whoever needs
 * the mapping waits for them; one that closes a circle with it cannot, for the hooks wait for the circle's pass.
 */
export function withHooks(steps: readonly Step[], mappings: readonly Mapping[]): readonly Step[] {
  let all = steps;
  for (const { name, hooks } of mappings) {
    const own = all.filter((step) => step.mapping === name);
    const last = own.at(-1);
    if (hooks.after.length === 0 || last === undefined) continue;
    const id = `hooks after ${name}`;
    const inCircle = own.some((step) => step.kind === 'second_pass' && step.references !== name);
    const { phase } = last;
    const waits = (step: Step): boolean => {
      const needed = own.some((one) => step.needs.includes(one.id));
      return step.mapping !== name && needed && (!inCircle || step.phase !== phase);
    };
    const place = all.indexOf(last) + 1;
    const hook = {
      id,
      kind: 'hooks',
      mapping: name,
      after: hooks.after,
      phase,
      needs: own.map((step) => step.id),
    } as const;
    const behind = all
      .slice(place)
      .map((step) => (waits(step) ? { ...step, needs: [...step.needs, id] } : step));
    all = [...all.slice(0, place), hook, ...behind];
  }
  return all;
}
