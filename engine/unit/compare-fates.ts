import type { Position } from '../contract/problem.js';
import type { Difference, ExpectedFate } from '../contract/unit-test.js';
import type { FoundFate } from './observe.js';

type About = 'rejects' | 'warnings' | 'skipped';

const words = (key: string | null, column: string | null, rule: string | null): string =>
  [
    ...(key === null ? [] : [`key ${key}`]),
    ...(column === null ? [] : [`column ${column}`]),
    ...(rule === null ? [] : [`rule ${rule}`]),
  ].join(', ');

/** Why, and which line of the mapping decided it. */
const because = ({ reason, place }: FoundFate): string => (reason === null ? place : `${reason} (${place})`);

const isAs = (expected: ExpectedFate, found: FoundFate): boolean =>
  (expected.key === null || expected.key === found.key) &&
  (expected.column === null || expected.column.value === found.column) &&
  (expected.rule === null || expected.rule === found.rule) &&
  (expected.reason === null || found.reason?.includes(expected.reason) === true);

/** Expected rejects, warnings or skipped rows with those that there are; each answers once. */
export function compareFates(
  about: About,
  expected: readonly ExpectedFate[],
  found: readonly FoundFate[],
  at: Position,
): readonly Difference[] {
  const left = new Set(found);
  const take = (fits: (fate: FoundFate) => boolean): FoundFate | undefined => {
    const fate = [...left].find(fits);
    if (fate !== undefined) left.delete(fate);
    return fate;
  };
  const open = expected.filter((one) => take((fate) => isAs(one, fate)) === undefined);
  const missing = open.map((one): Difference => {
    const near = one.key === null ? undefined : take((fate) => fate.key === one.key);
    const what = words(one.key, one.column?.value ?? null, one.rule);
    const note =
      near === undefined ? null : `found ${words(near.key, near.column, near.rule)}: ${because(near)}`;
    const kind = near === undefined ? 'missing' : 'differs';
    return { about, kind, what, at: one.at, columns: [], note };
  });
  const unexpected = [...left].map((fate): Difference => {
    const what = words(fate.key, fate.column, fate.rule);
    return { about, kind: 'unexpected', what, at, columns: [], note: because(fate) };
  });
  return [...missing, ...unexpected];
}
