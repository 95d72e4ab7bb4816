import { OneTransaction } from '../postgres/one-transaction.js';
import { testPlan } from '../plan/test-modes.js';
import type { RunInput } from './input.js';
import type { RunPorts } from './ports.js';
import { PATIENCE, patiently } from './sessions/retries.js';

/**
 * Works with a target of which every session is one of the same transaction, and takes all of it back. Constraints
 * stay in place, and mappings come one after the other.
 */
export async function inOneTransaction<T>(
  input: RunInput,
  work: (inside: RunInput) => Promise<T>,
): Promise<T> {
  const { ports, options, plan, emit, stop } = input;
  const first = patiently(ports.open, { emit, stop, patience: options.patience ?? PATIENCE });
  const target = await OneTransaction.begin(await first('target'));
  const open: RunPorts['open'] = (name) =>
    name === 'target' ? Promise.resolve(target.open()) : ports.open(name);
  const reason = 'a dry run leaves constraints and indexes in place';
  try {
    return await work({
      ...input,
      ports: { ...ports, open },
      plan: testPlan(plan, { reason, rows: null }),
      options: { ...options, jobs: 1 },
    });
  } finally {
    await target.end();
  }
}
