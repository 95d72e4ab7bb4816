import type { Change, ChangeClass, Dependant } from '../../engine/contract/diff.js';
import { CHANGE_CLASSES } from '../../engine/contract/diff.js';
import { count, names, visible } from '../format.js';

/** What each class means, for who meets the word for the first time. */
export const MEANING: Readonly<Record<ChangeClass, string>> = {
  cosmetic: 'no row and no value differs',
  additive: 'rows already loaded keep their values; something is added, or a run goes about it otherwise',
  're-transform': 'rows already loaded hold other values from now on: the mappings must run again',
  'identity-changing':
    'rows are found by another key or get other ids: references to them change, and dependants must run again',
  destructive:
    'data is lost or left behind: rows are deleted, left out or rejected, or columns are written no more',
};

/** The classes, worst first. */
export const WORST_FIRST: readonly ChangeClass[] = [...CHANGE_CLASSES].reverse();

/** `1 destructive · 2 additive`; only what there is. */
export function countsText(changes: readonly Change[]): string {
  const found = WORST_FIRST.flatMap((name) => {
    const n = changes.filter((change) => change.class === name).length;
    return n === 0 ? [] : [`${count(n)} ${name}`];
  });
  return found.length === 0 ? 'no change of meaning' : found.join(' · ');
}

/** `mappings/core/orders.yaml:40`. */
export function placeText({ at, was, after, side }: Change): string {
  const place = `${at.file}:${String(at.line)}`;
  // What is gone has its line in base alone.
  if (after !== null || was === null || side === 'base') return place;
  return `${place} (was ${was.file === at.file ? 'line ' : `${was.file}:`}${String(was.line)})`;
}

/** `a, b and 3 more`; of a change of the whole project its name. */
export const mappingsText = ({ mappings }: Change): string =>
  mappings.length === 0 ? 'the project' : names(mappings, 8);

/** `tasks (parent_id → patients)`. */
export const dependantText = ({ mapping, to, column }: Dependant): string =>
  column === null ? mapping : `${mapping} (${column} → ${to})`;

/** Cut to so many characters, in one line. */
export function clipped(text: string, limit = 160): string {
  const line = visible(text);
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
