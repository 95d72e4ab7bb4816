import type { RejectGroup } from '../engine/contract/result.js';

/** By the rule's name: resolvers, row rules, and what the engine itself decides. */
const BY_RULE: Readonly<Record<string, string>> = {
  map: 'Add the value to the map, or say with `unmapped:` what to do with values that nobody listed.',
  lookup: 'Add the key to the look-up, or say with `missing:` what to do without it.',
  references:
    'The row it points to is not in the target: load or mend that row first, or say with `missing:` what to do without it.',
  duplicates:
    'Several source rows share one key: merge them at the source, or choose one with `duplicates: { keep: … }`.',
  key: 'The source key must be unique and not null: mend the rows, or choose another `key`.',
  not_null: 'Fill the value at the source, or give the column a `default`.',
  accepted_values: 'Mend the value at the source, translate it with `map`, or add it to the accepted values.',
  range: 'Mend the value at the source, or widen the range if the value is right.',
  length: 'Shorten or fill the value at the source, or add a `truncate` step.',
  pattern: 'Mend the value at the source, or bring it into form with a step.',
  compare: 'The two columns contradict each other: mend the row at the source.',
  unique: 'Another row has the same values: merge the rows at the source, or skip one with `skip_when`.',
  sql: 'The condition does not hold for the source row: mend the row, or the condition.',
};

/** By SQLSTATE, for rows that the target database itself refused. */
const BY_SQLSTATE: Readonly<Record<string, string>> = {
  '22001': 'The value is longer than the target column: add a `truncate` step, or widen the column.',
  '22003': 'The number does not fit the target column: mend it at the source, or widen the column.',
  '22007': 'The target cannot read the date: add a `parse_date` step with the form that the source uses.',
  '22008': 'The date or time does not exist: mend it at the source, or use `zero_date_to_null`.',
  '22P02':
    'The text is no value of the target column’s type: add a step that converts it, such as `number` or `boolean`.',
  '22P05':
    'The text holds a character that the target cannot store: clean it with a step, such as `remove_nul`.',
  '22021': 'The text holds a byte that the target cannot store: clean it with a step, such as `remove_nul`.',
  '23502': 'The target wants a value here: map the column, or give it a `default`.',
  '23503':
    'The row it points to is not in the target: use `references`, so that missing parents are found and counted.',
  '23505':
    'The target already holds these values: merge the rows at the source, or mend what stands in the target.',
  '23514':
    'A check constraint of the target refuses the row: mend the value, or translate it with a step or `map`.',
  '23P01': 'An exclusion constraint of the target refuses the row: two rows overlap; mend one of them.',
};

/** What a person can do about rejects of one cause, in one sentence; text in backticks is mapping language. */
export function adviceOn(cause: Pick<RejectGroup, 'rule' | 'sqlstate'>): string {
  const byState = cause.sqlstate === null ? undefined : lookUp(BY_SQLSTATE, cause.sqlstate);
  const kind = cause.rule.replace(/\(.*$/s, '');
  return (
    byState ??
    lookUp(BY_RULE, kind) ??
    (cause.sqlstate === null
      ? 'Mend the rows at the source, or the step or rule on this line of the mapping; then run again.'
      : 'The target database refused the row: its message names the cause; mend the row or the mapping, then run again.')
  );
}

function lookUp(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
