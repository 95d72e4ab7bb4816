import type { CheckSpec } from '../contract/check.js';
import { checkConnection, checkRepeated, type Build } from './build.js';

/** The checks of a mapping, with what only the project around them can tell. */
export function checksOf(checks: readonly CheckSpec[], build: Build): readonly CheckSpec[] {
  for (const { test } of checks) {
    if (test.kind === 'query') checkConnection(test.connection, build);
    if (test.kind === 'unique') checkRepeated(test.columns, build);
  }
  return checks;
}
