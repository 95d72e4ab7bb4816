import type { Threshold } from '../../contract/mapping.js';
import { counted } from '../../contract/counted.js';

/** Rows read before the circuit breaker trusts a percentage. */
const ENOUGH = 10_000;

/** Whether more rows were rejected than a threshold allows. */
export function exceeds(threshold: Threshold, rejected: number, read: number): boolean {
  if (threshold.unit === 'rows') return rejected > threshold.count;
  // Millionths of a per cent as whole numbers: 0.07 × 100 is more than 7.
  return BigInt(rejected) * 100_000_000n > BigInt(Math.round(threshold.percent * 1e6)) * BigInt(read);
}

/** Whether the run must stop at once: `stop_at`, a percentage only after 10,000 rows. */
export const mustStop = (threshold: Threshold, rejected: number, read: number): boolean =>
  (threshold.unit === 'rows' || read >= ENOUGH) && exceeds(threshold, rejected, read);

export const thresholdText = (threshold: Threshold): string =>
  threshold.unit === 'rows' ? counted(threshold.count, 'row') : `${String(threshold.percent)} %`;
