import type { Step } from '../contract/plan.js';

/**
 * In which wave each step could run if nothing but what it needs kept it waiting, by its id, from 1. @param steps each
 * behind those that it needs
 */
export function wavesOf(steps: readonly Step[]): ReadonlyMap<string, number> {
  const waves = new Map<string, number>();
  for (const { id, needs } of steps) {
    waves.set(id, 1 + Math.max(0, ...needs.map((need) => waves.get(need) ?? 0)));
  }
  return waves;
}
