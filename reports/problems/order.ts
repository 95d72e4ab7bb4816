import type { Problem } from '../../engine/contract/problem.js';

/** Errors before warnings, else in the order given. */
export function worstFirst(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}
