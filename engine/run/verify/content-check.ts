import type { CheckSpec } from '../../contract/check.js';
import type { CheckResult } from '../../contract/result.js';
import { bare, notFound, type Evaluation } from './evaluation.js';
import type { Findings } from './findings.js';
import { judge } from './judge.js';

/** Every row of both sides, value by value. */
export function contentCheck({ comparison, needs, rows }: Evaluation, spec: CheckSpec): CheckResult {
  if (comparison === null) return notFound(spec);
  const { findings, leftOut } = comparison;
  const reported = needs.unanswered === 'reported' ? findings.count('gone') + findings.count('added') : 0;
  const found = findings.rows - reported;
  const expected = findings.matched + findings.count('missing');
  const judged = judge(spec, found, rows);
  const status = judged === 'passed' && (reported > 0 || findings.count('earlier') > 0) ? 'warned' : judged;
  const left = leftOut.length === 0 ? '' : `not compared: ${leftOut.join(', ')}`;
  const note = [...words(findings), left].filter((part) => part !== '').join('; ');
  return {
    check: spec.name,
    status,
    source: String(expected),
    target: String(expected - differing(findings)),
    found,
    differences: findings.list().map(bare),
    ...(note === '' ? {} : { note }),
  };
}

/** Rows of the source that the target does not have just as they should be. */
function differing(findings: Findings): number {
  const others = (['refused', 'broken', 'gone', 'added'] as const).reduce(
    (sum, kind) => sum + findings.count(kind),
    0,
  );
  return findings.rows - others;
}

/** What was found, by kind. */
function words(findings: Findings): readonly string[] {
  const changed = differing(findings) - findings.count('missing');
  const kinds: readonly (readonly [number, string])[] = [
    [changed, 'with other values'],
    [findings.count('missing'), 'missing in the target'],
    [findings.count('refused'), 'whose source row is not loaded'],
    [findings.count('broken'), 'whose reference leads nowhere'],
    [findings.count('gone'), 'whose source row is gone'],
    [findings.count('added'), 'that nobody of the project has made'],
    [findings.count('earlier'), 'that were there before the project'],
  ];
  return kinds.flatMap(([count, what]) =>
    count === 0 ? [] : [`${String(count)} ${count === 1 ? 'row' : 'rows'} ${what}`],
  );
}
