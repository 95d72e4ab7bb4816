import type { CompiledMapping } from '../contract/compiled.js';
import type { LoadChoice } from '../contract/plan.js';
import type { StepSettings } from '../contract/spent.js';

/** What was chosen for a load, as it is written down with its step. @param batchRows rows of a batch at the most */
export function settingsOf(
  { estimatedRows, constraints, ranges, keys, existing, reading }: LoadChoice,
  { mapping }: CompiledMapping,
  batchRows: number,
): StepSettings {
  const { mode, drop, reason } = constraints;
  const stays = constraints.stays ?? constraints.kept.map(({ name }) => name);
  return {
    estimated_rows: estimatedRows,
    batch_rows: batchRows,
    constraints: { mode, dropped: drop, kept: stays, reason, asked: mapping.target.constraints.value },
    ranges: { count: ranges.count, reason: ranges.reason },
    keys: keys.map(({ column, mapping: other, kind, reason: why }) => ({
      column,
      mapping: other,
      kind,
      reason: why,
    })),
    existing,
    reading,
  };
}
