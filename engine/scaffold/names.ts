import { likeness, weightOf } from './words.js';

/** One reading of a name: its words, and what it costs that something was left out of it. */
export interface Reading {
  readonly words: readonly string[];
  readonly cost: number;
}

/** How alike the best readings of two names are, from 0 to 1. */
export function bestLikeness(ours: readonly Reading[], theirs: readonly Reading[]): number {
  let best = 0;
  for (const a of ours) {
    for (const b of theirs) {
      const most = 1 - a.cost - b.cost;
      if (most > best) best = Math.max(best, most * nameLikeness(a.words, b.words));
    }
  }
  return best;
}

/** How alike two names are: Dice's coefficient over their words, words that say little counting less. */
export function nameLikeness(ours: readonly string[], theirs: readonly string[]): number {
  if (ours.length === 0 || theirs.length === 0) return 0;
  if (ours.join('') === theirs.join('')) return 1;
  const pairs = ours
    .flatMap((a, i) => theirs.map((b, j) => ({ i, j, alike: likeness(a, b), weight: pairWeight(a, b) })))
    .filter(({ alike }) => alike > 0)
    .sort((x, y) => y.alike * y.weight - x.alike * x.weight);
  const [left, right] = [new Set<number>(), new Set<number>()];
  let shared = 0;
  for (const { i, j, alike, weight } of pairs) {
    if (left.has(i) || right.has(j)) continue;
    left.add(i);
    right.add(j);
    shared += alike * weight;
  }
  return (2 * shared) / (weigh(ours) + weigh(theirs));
}

const pairWeight = (a: string, b: string): number => Math.min(weightOf(a), weightOf(b));
const weigh = (words: readonly string[]): number => words.reduce((sum, word) => sum + weightOf(word), 0);

/** Without `prefix` at its front; null where it does not begin with it or nothing would be left. */
export function without(prefix: readonly string[], words: readonly string[]): readonly string[] | null {
  if (prefix.length === 0 || words.length <= prefix.length) return null;
  return prefix.every((word, n) => word === words[n]) ? words.slice(prefix.length) : null;
}
