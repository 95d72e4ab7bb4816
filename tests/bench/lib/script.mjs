import { ratio, range, surroundings, table } from './figures.mjs';

/**
 * Prints what a script found: a heading, where and when, a table of figures and one of goals.
 * @param figures rows of `[what, spread, MB or '']`, a spread in seconds
 * @param goals rows of `[what, goal in words, figure in words]`
 */
export function tell(title, version, figures, goals) {
  const memory = (value) => (typeof value === 'number' ? value.toFixed(0) : '');
  console.log(`# ${title}\n\n${surroundings(version)}\n`);
  console.log(
    table(
      ['', 'seconds (min–max)', 'Node memory, MB'],
      figures.map(([what, spread, mb]) => [what, range(spread), memory(mb)]),
    ),
  );
  console.log(`\n${table(['goal', 'asked', 'here'], goals)}`);
}

/** A goal of a ratio of two spreads: `[what, ≤ most, here]`; `most` null where none is set. */
export const ratioGoal = (what, most, ours, reference) => [
  what,
  most === null ? 'none set' : `≤ ${most}`,
  ratio(ours.median / reference.median),
];

/** @throws where the one mapping of a summary has other counts than those that are given */
export function expectCounts(summary, mapping, wanted) {
  const found = summary.mappings.find((one) => one.mapping === mapping);
  const wrong = Object.entries(wanted).filter(([name, count]) => found?.[name] !== count);
  if (wrong.length === 0) return;
  const shown = wrong.map(([name, count]) => `${found?.[name]} ${name} in place of ${count}`);
  throw new Error(`${mapping}: ${shown.join(', ')}`);
}
