import { differenceWords } from '../engine/contract/difference.js';
import type { CheckResult } from '../engine/contract/result.js';
import { counted } from './format.js';

/** Differences that a line of a report names. */
const SHOWN = 5;

/** What there is to say of a check besides its two sides: its parts, its note, the first of its differences. */
export function checkNote({ rejected, skipped, found = 0, differences = [], note }: CheckResult): string {
  const isWhole = [rejected, skipped].every((part) => part === undefined || /^-?[0.]+$/.test(part));
  const parts = isWhole ? [] : [`rejected ${rejected ?? '0'}, skipped ${skipped ?? '0'}`];
  const named = differences.slice(0, SHOWN).map(differenceWords);
  const more = named.length > 0 && found > named.length ? [`… ${counted(found, 'row')} in all`] : [];
  return [...parts, ...(note === undefined ? [] : [note]), ...named, ...more].join('; ');
}
