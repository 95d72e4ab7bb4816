import { isList, mapOf, show, SqlPart, type FacetValue } from '../facet.js';
import {
  always,
  judged,
  rejectsLess,
  rejectsMore,
  verdict,
  within,
  type Judged,
  type Table,
  type Verdict,
} from './verdict.js';

const STAY = 'rows already loaded stay as they are';

/** Rules and checks. */
export const RULE_TABLE: Table = {
  'a mapping › rules': judged(
    ['additive', 'destructive'],
    'a new rule that rejects, or one that rejects more, is destructive; one that warns, that goes, or that rejects less is additive. Bounds, lists of values and the conditions of `sql` are compared; what cannot be told counts as more',
    ruleVerdict,
  ),
  'a rule › severity': judged(
    ['destructive', 'additive'],
    'from warn to reject or fail is destructive; the other way, and between reject and fail, additive',
    ({ before, after }) => {
      if (before === 'warn') return rejectsMore('rows that fail the rule, which were loaded with a warning,');
      if (after === 'warn') return rejectsLess('rows that fail the rule');
      return verdict(
        'additive',
        `rows that fail the rule ${after === 'fail' ? 'end the run' : 'are rejected'}; ${STAY}`,
      );
    },
  ),
  'a rule › name': always(
    'cosmetic',
    'rejects and warnings are counted under another name (exceptions.yaml may go by it): no row and no value differs',
  ),
  'a mapping › checks': always(
    'additive',
    `what is compared after a run, and how grave it is: a check that is gone finds nothing any more, a new one may fail the run; ${STAY}`,
  ),
  ...Object.fromEntries(
    [
      ...[
        'sum',
        'min_max',
        'distinct',
        'unique',
        'content',
        'row_count',
        'references',
        'query',
        'connection',
      ],
      ...['expect', 'name', 'severity', 'error_if', 'warn_if'],
    ].map((name) => [`a check › ${name}`, within('a mapping › checks')]),
  ),
  'an expectation › value': within('a mapping › checks'),
};

/** A rule as it is compared. */
interface RuleValue {
  readonly rule: string;
  readonly argument: FacetValue;
  readonly severity: FacetValue;
}

function ruleVerdict(one: Judged): Verdict {
  const [before, after] = [one.before, one.after].map(asRule);
  if (after === null || after === undefined) {
    return before?.severity === 'warn'
      ? verdict('additive', `nobody is warned of such rows any more; ${STAY}`)
      : rejectsLess('rows that fail the rule');
  }
  if (after.severity === 'warn') {
    return verdict('additive', `rows that fail the rule are counted and loaded all the same; ${STAY}`);
  }
  if (before === null || before === undefined) return rejectsMore('rows that fail the new rule');
  return before.severity !== 'warn' && isWider(before, after, one)
    ? rejectsLess('rows that the stricter rule refused')
    : rejectsMore('rows that fail the rule as it is now');
}

function asRule(value: FacetValue | undefined): RuleValue | null {
  return typeof value === 'object' && value !== null && 'rule' in value
    ? (value as unknown as RuleValue)
    : null;
}

/** Whether whatever satisfied a rule satisfies it as it is now; false where that cannot be told. */
function isWider(before: RuleValue, after: RuleValue, { sql }: Judged): boolean {
  if (before.rule !== after.rule) return false;
  const [old, fresh] = [before.argument, after.argument];
  if (old instanceof SqlPart && fresh instanceof SqlPart) {
    const conditions = sql.joined(old.text, 'and');
    return sql.joined(fresh.text, 'and').every((condition) => conditions.includes(condition));
  }
  if (isList(old) && isList(fresh))
    return before.rule === 'not_null' && fresh.every((name) => old.includes(name));
  const [a, b] = [mapOf(old), mapOf(fresh)];
  if (a['column'] !== b['column']) return false;
  switch (before.rule) {
    case 'range':
    case 'length':
      return bound(b['min'], a['min'], 1) && bound(b['max'], a['max'], -1);
    case 'accepted_values': {
      const [values, more] = [a['values'] ?? null, b['values'] ?? null];
      return isList(values) && isList(more) && values.every((value) => more.includes(value));
    }
    default:
      return false;
  }
}

/** Whether a bound leaves at least as much room as the one before; of texts (dates) by their order. */
function bound(now: FacetValue | undefined, before: FacetValue | undefined, direction: 1 | -1): boolean {
  if (now === undefined || now === null) return true;
  if (before === undefined || before === null) return false;
  const [a, b] = [Number(now), Number(before)];
  if (!Number.isNaN(a) && !Number.isNaN(b)) return (b - a) * direction >= 0;
  const [x, y] = [show(now), show(before)];
  return x.length === y.length && (direction === 1 ? x <= y : x >= y);
}
