import type { CheckLimit, CheckSpec } from '../../contract/check.js';
import type { CheckResult } from '../../contract/result.js';
import { exceeds } from '../rows/threshold.js';

/** Whether so many rows are more than a limit says. @param rows the mapping's rows in the target: what 1% is a share of */
function isOver({ operator, amount }: CheckLimit, found: number, rows: number): boolean {
  const more = exceeds(amount, found, rows);
  const less =
    amount.unit === 'rows'
      ? found < amount.count
      : BigInt(found) * 100_000_000n < BigInt(Math.round(amount.percent * 1e6)) * BigInt(rows);
  switch (operator) {
    case '>':
      return more;
    case '>=':
      return !less;
    case '=':
      return !more && !less;
    case '!=':
      return more || less;
  }
}

const ANY: CheckLimit = { operator: '>', amount: { unit: 'rows', count: 0 } };

/**
 * What a check comes to that has found so many rows: with `severity: error` it fails where `error_if` holds, else
 * warns where `warn_if` does; both are "any row" where they are not written. With `severity: warn` it only warns.
 */
export function judge(
  { severity, errorIf, warnIf }: Pick<CheckSpec, 'severity' | 'errorIf' | 'warnIf'>,
  found: number,
  rows: number,
): CheckResult['status'] {
  if (severity === 'error' && isOver(errorIf ?? ANY, found, rows)) return 'failed';
  return isOver(warnIf ?? ANY, found, rows) ? 'warned' : 'passed';
}
