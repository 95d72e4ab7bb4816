import type { CheckSpec } from '../contract/check.js';
import type { RuleSpec, TargetSpec } from '../contract/mapping.js';
import type { Build } from './build.js';
import { didYouMean, errorAt } from './report.js';
import type { ListedColumns } from './target.js';
import { suggest } from '../contract/suggest.js';

/** What of a mapping speaks of its target columns. */
export interface Speaking {
  readonly target: TargetSpec;
  readonly rules: readonly RuleSpec[];
  readonly checks: readonly CheckSpec[];
}

/**
 * Reports rules and checks of columns that get no value, as far as the file tells: where `"*": same_name` stands, any
 * column may have one.
 */
export function checkSpokenOf(
  { target, rules, checks }: Speaking,
  { listed, sameName }: ListedColumns,
  build: Build,
): void {
  if (sameName) return;
  const filled = new Set(listed);
  if (target.identity !== null) filled.add(target.identity.column.value);
  const help = (name: string): { readonly help: string | null } => ({
    help: didYouMean(suggest(name, [...filled]), [...filled]),
  });
  for (const { test, at } of rules) {
    if (test.kind === 'sql') continue;
    const columns = build.rules.get(test.rule)?.columns(test.argument) ?? [];
    for (const name of columns) {
      if (filled.has(name)) continue;
      const message = `the rule speaks of "${name}", which the mapping does not fill`;
      build.report(errorAt('ETL-BIND-017', at, message, help(name)));
    }
  }
  for (const { test } of checks) {
    if (test.kind !== 'sum' && test.kind !== 'min_max' && test.kind !== 'distinct') continue;
    const { value: name, at } = test.column;
    if (filled.has(name)) continue;
    const message = `the check ${test.kind} speaks of "${name}", which the mapping does not fill`;
    build.report(errorAt('ETL-BIND-021', at, message, help(name)));
  }
}
