import type { CheckSpec } from '../contract/check.js';
import type { Located } from '../contract/problem.js';
import type { Context } from './context.js';

const NUMBERS: ReadonlySet<string> = new Set(['integer', 'numeric', 'float']);

/** Looks whether the columns that checks speak of are there, are filled and can be compared. */
export function bindChecks(context: Context): void {
  for (const { test } of context.sides.mapping.checks) {
    if (test.kind === 'unique') for (const name of test.columns) context.targetColumn(name);
    if (test.kind === 'sum' || test.kind === 'min_max' || test.kind === 'distinct') {
      bindColumn(context, test.kind, test.column);
    }
  }
}

function bindColumn(context: Context, kind: CheckSpec['test']['kind'], name: Located<string>): void {
  const column = context.targetColumn(name);
  if (column === null) return;
  const made = context.columns.find((one) => one.column.name === name.value);
  if (made === undefined || made.make.kind === 'identity' || made.volatile) {
    const what = made === undefined ? 'the mapping does not fill' : 'is made anew in every run';
    const message = `the check ${kind} speaks of "${name.value}", which ${what}`;
    const help = 'name a column whose value the source decides';
    context.problem('ETL-BIND-021', name.at, message, help);
  } else if (kind === 'sum' && !NUMBERS.has(column.type.base)) {
    const message = `"${name.value}" is ${column.type.display}, not a number`;
    context.problem('ETL-BIND-021', name.at, message, 'min_max and distinct take every type');
  }
}
