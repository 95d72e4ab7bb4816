import type { Table } from '../contract/catalogue.js';
import { without, type Reading } from './names.js';
import { isOld, weightOf, wordsOf } from './words.js';

/** How the names of one schema are built, learnt from the names themselves. Words as `wordsOf` gives them. */
export interface Habits {
  /** Words that tables' names begin with and that say nothing: `dispatch_`, `tbl_`. */
  readonly tablePrefixes: readonly string[];
  readonly tableSuffixes: readonly string[];
  /** By table, the word that its columns' names begin with: `cust_`. */
  readonly columnPrefixes: ReadonlyMap<string, string>;
}

const PREFIXES = ['tbl', 'tb', 'tab', 't', 'table', 'vw', 'lkp', 'lu', 'mst', 'dim', 'fact'];
const SUFFIXES = ['tbl', 'tb', 'tab', 'table', 'mst', 'master'];

/** Learns the habits of a schema. */
export function learnHabits(tables: readonly Table[]): Habits {
  const names = tables.map(({ name }) => wordsOf(name));
  const columnPrefixes = new Map<string, string>();
  for (const table of tables) {
    const prefix = columnPrefix(table);
    if (prefix !== null) columnPrefixes.set(table.name, prefix);
  }
  const first = names.flatMap((words) => (words.length > 1 ? words.slice(0, 1) : []));
  const last = names.flatMap((words) => (words.length > 1 ? words.slice(-1) : []));
  return {
    tablePrefixes: habitual(first, names, 0.2, PREFIXES),
    tableSuffixes: habitual(last, names, 0.5, SUFFIXES),
    columnPrefixes,
  };
}

/** Words that a good share of the names has in that place; not those that are themselves a table's name (`order`). */
function habitual(
  words: readonly string[],
  names: readonly (readonly string[])[],
  share: number,
  known: readonly string[],
): readonly string[] {
  const things = new Set(names.flatMap((name) => (name.length === 1 ? name : [])));
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const least = names.length < 6 ? 2 : 3;
  return [...counts]
    .filter(([word]) => !things.has(word))
    .filter(([word, count]) => known.includes(word) || (count >= least && count >= share * names.length))
    .sort(([, a], [, b]) => b - a)
    .map(([word]) => word);
}

/** The word that six of ten columns begin with; null where there is none. */
function columnPrefix({ columns }: Table): string | null {
  const counts = new Map<string, number>();
  for (const { name } of columns) {
    const [first, ...others] = wordsOf(name);
    if (first !== undefined && others.length > 0) counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  const [found] = [...counts].sort(([, a], [, b]) => b - a);
  if (found === undefined) return null;
  const [word, count] = found;
  return count >= 2 && count >= 0.6 * columns.length ? word : null;
}

/** The readings of a table's name. */
export function tableReadings(name: string, habits: Habits): readonly Reading[] {
  const words = wordsOf(name);
  const fronts = [words, ...habits.tablePrefixes.map((prefix) => without([prefix], words))];
  const found = fronts.flatMap((front) => {
    if (front === null) return [];
    const last = front.at(-1) ?? '';
    return habits.tableSuffixes.includes(last) && front.length > 1 ? [front, front.slice(0, -1)] : [front];
  });
  return found.map((reading) => ({ words: reading, cost: reading === words ? 0 : 0.02 }));
}

/** The readings of a column's name: without the table's own name, without what is habit. */
export function columnReadings(table: Table, column: string, habits: Habits): readonly Reading[] {
  const words = wordsOf(column);
  const tables = tableReadings(table.name, habits).map((reading) => reading.words);
  const own = habits.columnPrefixes.get(table.name);
  const prefixes = [...(own === undefined ? [] : [[own]]), ...habits.tablePrefixes.map((word) => [word])];
  const readings = [...prefixes, ...tables].flatMap((prefix) => {
    const rest = without(prefix, words);
    return rest === null ? [] : [{ words: rest, cost: 0.03 }];
  });
  const young = words.filter((word) => !isOld(word));
  const plain = young.length === 0 || young.length === words.length ? [] : [{ words: young, cost: 0.03 }];
  return [{ words, cost: 0 }, ...readings, ...plain];
}

/** What a column speaks of in one text, for comparing many tables quickly. */
export function gist(table: Table, column: string, habits: Habits): string {
  const readings = columnReadings(table, column, habits);
  const { words } = readings[1] ?? readings[0] ?? { words: [] };
  const telling = words.filter((word) => weightOf(word) === 1);
  return (telling.length === 0 ? words : telling).join('');
}
