import { nameLikeness } from './names.js';
import { wordsOf } from './words.js';

export interface LabelMap {
  /** By the source's value, in its order. */
  readonly map: Readonly<Record<string, string>>;
  /** Values that no label goes with. */
  readonly open: readonly string[];
  /** Each value that was seen is a label itself. */
  readonly same: boolean;
}

/** From here on two words are taken for the same. */
const ALIKE = 0.7;

/** Which of the target's labels each value of the source becomes: by its words, or by its first letters. */
export function mapLabels(values: readonly string[], labels: readonly string[]): LabelMap {
  const pairs = values.map((value) => ({ value, label: labelOf(value, labels) }));
  return {
    map: Object.fromEntries(pairs.flatMap(({ value, label }) => (label === null ? [] : [[value, label]]))),
    open: pairs.flatMap(({ value, label }) => (label === null ? [value] : [])),
    same: values.every((value) => labels.includes(value)),
  };
}

function labelOf(value: string, labels: readonly string[]): string | null {
  const words = wordsOf(value);
  if (words.length === 0) return null;
  const scored = labels
    .map((label) => ({ label, alike: label === value ? 2 : nameLikeness(words, wordsOf(label)) }))
    .sort((a, b) => b.alike - a.alike);
  const [best, second] = scored;
  if (best !== undefined && best.alike >= ALIKE && best.alike > (second?.alike ?? 0)) return best.label;
  const short = value.trim().toLowerCase();
  if (!/^\p{L}{1,3}$/u.test(short)) return null;
  const begun = labels.filter((label) => label.toLowerCase().startsWith(short));
  return begun.length === 1 ? (begun[0] ?? null) : null;
}
