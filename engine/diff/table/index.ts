import { COLUMN_TABLE } from './column.js';
import { MAPPING_TABLE } from './mapping.js';
import { PROJECT_TABLE } from './project.js';
import { RULE_TABLE } from './rule.js';
import { SOURCE_TABLE } from './source.js';
import { TARGET_TABLE } from './target.js';
import type { Judged, KeyRule, Table, Verdict } from './verdict.js';

/** How a change of each key of the language is judged: the one place where that is said. Keys are `map › key`. */
export const CHANGE_TABLE: Table = {
  ...PROJECT_TABLE,
  ...MAPPING_TABLE,
  ...SOURCE_TABLE,
  ...TARGET_TABLE,
  ...COLUMN_TABLE,
  ...RULE_TABLE,
};

/** The rule by which a key's changes are judged. @throws Error where the table lacks it */
export function ruleOf(key: string): KeyRule {
  const found = CHANGE_TABLE[key];
  if (found === undefined) throw new Error(`no class is declared for changes of "${key}"`);
  return 'as' in found ? ruleOf(found.as) : found;
}

/** Judges a change. @throws Error where a class comes out that the table does not declare */
export function judge(key: string, judged: Judged): Verdict {
  const rule = ruleOf(key);
  const verdict = rule.judge(judged);
  if (!rule.classes.includes(verdict.class)) {
    throw new Error(`"${key}" is declared as ${rule.classes.join(', ')}, but came out ${verdict.class}`);
  }
  return verdict;
}
