import { createHash } from 'node:crypto';
import type { Plan } from '../contract/plan.js';

/**
 * What tells one plan from another: the files behind it, its steps, their order and the SQL that they read by; no
 * estimates. sha256, hex.
 * @param hash of the project's files
 */
export function planHash({ steps }: Plan, hash: string): string {
  const told = steps.map((step) => [step.id, step.phase, step.needs, 'sql' in step ? step.sql : null]);
  return createHash('sha256')
    .update(JSON.stringify([hash, told]))
    .digest('hex');
}
