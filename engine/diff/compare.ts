import { firstDifference, isList, same, show, SqlPart, type Facet, type FacetValue } from './facet.js';
import type { Side } from './side.js';
import type { SqlTrees } from '../sql/index.js';
import type { Change } from '../contract/diff.js';

/** A facet on both sides; one of them may be missing. */
export interface Difference {
  readonly before: Facet | null;
  readonly after: Facet | null;
}

/** The facets that differ, by their ids; within one that says all, nothing more is looked at. */
export function differences(
  base: readonly Facet[],
  head: readonly Facet[],
  sql: SqlTrees,
): readonly Difference[] {
  const [before, after] = [base, head].map(
    (facets) => new Map(facets.map((facet) => [idOf(facet.id), facet])),
  );
  const told = new Set<string>();
  const found: Difference[] = [];
  for (const id of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])) {
    const [old, fresh] = [before?.get(id) ?? null, after?.get(id) ?? null];
    const facet = fresh ?? old;
    if (facet === null || isWithin(facet.id, told)) continue;
    if (old !== null && fresh !== null && same(compared(old), compared(fresh), sql)) continue;
    // Saying nothing where nothing could be said is no difference.
    if ((old === null && fresh?.value === null) || (fresh === null && old?.value === null)) continue;
    if (facet.whole === true) told.add(id);
    found.push({ before: old, after: fresh });
  }
  return found;
}

const compared = (facet: Facet): FacetValue => (facet.compared === undefined ? facet.value : facet.compared);

const idOf = (id: readonly string[]): string => id.join('\0');

function isWithin(id: readonly string[], told: ReadonlySet<string>): boolean {
  return id.some((_, n) => n > 0 && told.has(idOf(id.slice(0, n))));
}

/** The values of a difference in words, and where they stand. */
export function wordsAndPlaces(
  { before, after }: Difference,
  base: Side,
  head: Side,
  sql: SqlTrees,
): Pick<Change, 'before' | 'after' | 'at' | 'was' | 'side'> {
  const [old, fresh] = shownPair(before, after);
  const there = after ?? before;
  if (there === null) throw new Error('a difference between nothing and nothing');
  const more = before === null || after === null ? [] : firstDifference(before.value, after.value, sql);
  const was = before === null ? null : base.placeOf(before, more);
  if (after !== null) {
    return {
      before: old,
      after: fresh,
      at: changedLine(head.placeOf(after, more), before, after),
      was,
      side: 'head',
    };
  }
  // The file may be there still, with the key that held it.
  const isThere = head.input.texts.has(there.near.file);
  const at = isThere
    ? head.placeOf({ ...there, near: { ...there.near, line: 1, column: 1, length: 1 } })
    : (was ?? there.near);
  return { before: old, after: null, at, was, side: isThere ? 'head' : 'base' };
}

/** Of SQL over several lines: the first line that was not there before. */
function changedLine(at: Change['at'], before: Facet | null, after: Facet): Change['at'] {
  if (!(before?.value instanceof SqlPart) || !(after.value instanceof SqlPart)) return at;
  if (after.near.line !== at.line && after.key === 'a source › where') return at;
  const old = new Set(linesOf(before.value.text));
  const lines = after.value.text.split('\n');
  const n = lines.findIndex((line) => line.trim() !== '' && !old.has(line.trim()));
  return n <= 0 || !isQuery(after) ? at : { ...after.near, line: after.near.line + n, column: 1, length: 1 };
}

const isQuery = ({ key }: Facet): boolean => key === 'a source › query';

const linesOf = (text: string): readonly string[] => text.split('\n').map((line) => line.trim());

/** Of long SQL the lines that differ, of all else the whole. */
function shownPair(before: Facet | null, after: Facet | null): readonly [string | null, string | null] {
  const [old, fresh] = [before, after].map((facet) => (facet === null ? null : textOf(facet)));
  const [a, b] = [before?.value ?? null, after?.value ?? null];
  if (a instanceof SqlPart && b instanceof SqlPart && (a.text.includes('\n') || b.text.includes('\n'))) {
    const without = (text: string, other: string): string => {
      const known = new Set(linesOf(other));
      return linesOf(text)
        .filter((line) => line !== '' && !known.has(line))
        .join(' ');
    };
    return [without(a.text, b.text) || '…', without(b.text, a.text) || '…'];
  }
  return [old ?? null, fresh ?? null];
}

function textOf({ value, shown }: Facet): string | null {
  if (shown !== undefined) return shown === '' ? null : shown;
  return isNothing(value) ? null : show(value);
}

const isNothing = (value: FacetValue): boolean =>
  value === null || value === '' || (isList(value) && value.length === 0);
