import type { Table } from '../contract/catalogue.js';
import { bestAssignment } from './assignment.js';
import { gist, tableReadings, type Habits } from './habits.js';
import { bestLikeness } from './names.js';

/** One database's tables, and how they are named. */
export interface Side {
  readonly tables: readonly Table[];
  readonly habits: Habits;
}

export interface TablePair {
  readonly source: Table;
  readonly target: Table;
  /** From 0 to 1. */
  readonly confidence: number;
  /** Another target table has the source table too: one of the two is made of only some of its rows or columns. */
  readonly shared: boolean;
}

export interface TableMatch {
  readonly pairs: readonly TablePair[];
  /** Target tables without a source table, with those that came nearest. */
  readonly targets: readonly { readonly table: Table; readonly near: readonly TablePair[] }[];
  /** Source tables that no target table was found for. */
  readonly sources: readonly Table[];
}

/** The oid of what is no table but the columns of a mapping's query: only that mapping reads it. */
export const QUERY = 0;

/** Of the whole, the share of the name; the rest are the columns. */
const NAME = 0.65;
/** What foreign keys to and from tables that are matched already can add. */
const NEIGHBOURS = 0.15;
/** From here on a pair is taken; below, it is named as a candidate. */
const TAKEN = 0.5;
/** From here on a source table may serve a second target table. */
const SHARED = 0.62;

/**
 * Which target table has its rows from which source table: names, columns and foreign keys tell.
 * @param given pairs that mappings have made already; both of such a pair are in the two sides
 */
export function matchTables(source: Side, target: Side, given: readonly TablePair[]): TableMatch {
  const first = scoresOf(source, target);
  const known = target.tables.map((table) => given.find((pair) => pair.target === table) ?? null);
  const read = new Set(given.map((pair) => source.tables.indexOf(pair.source)));
  const free = (scores: readonly (readonly number[])[]): readonly number[] => {
    const open = scores.map((row, t) =>
      row.map((score, s) => (score < TAKEN || known[t] !== null || read.has(s) ? 0 : score)),
    );
    return bestAssignment(open);
  };
  const places = free(first).map((place, t) => {
    const pair = known[t] ?? null;
    return pair === null ? place : source.tables.indexOf(pair.source);
  });
  const scores = withNeighbours(first, source, target, places);
  const assigned = free(scores);
  const pairOf = (t: number, s: number, shared: boolean): readonly TablePair[] => {
    const [ours, theirs] = [source.tables[s], target.tables[t]];
    if (ours === undefined || theirs === undefined) return [];
    return [{ source: ours, target: theirs, confidence: scores[t]?.[s] ?? 0, shared }];
  };
  const nearest = (t: number): readonly number[] =>
    [...source.tables.keys()]
      .filter((s) => source.tables[s]?.oid !== QUERY)
      .sort((a, b) => (scores[t]?.[b] ?? 0) - (scores[t]?.[a] ?? 0))
      .slice(0, 3);
  const second = (t: number): number => {
    const [best = -1] = nearest(t);
    return (scores[t]?.[best] ?? 0) >= SHARED ? best : -1;
  };
  const pairs = target.tables.flatMap((_, t) => {
    const pair = known[t] ?? null;
    if (pair !== null) return [pair];
    const s = assigned[t] ?? -1;
    return s >= 0 ? pairOf(t, s, false) : pairOf(t, second(t), true);
  });
  const taken = new Set(pairs.map((pair) => pair.source));
  const filled = new Set(pairs.map((pair) => pair.target));
  return {
    pairs,
    targets: target.tables.flatMap((table, t) => {
      if (filled.has(table)) return [];
      const near = nearest(t).filter((s) => (scores[t]?.[s] ?? 0) >= 0.2);
      return [{ table, near: near.flatMap((s) => pairOf(t, s, false)) }];
    }),
    sources: source.tables.filter((table) => !taken.has(table)),
  };
}

/** By target table and source table. */
function scoresOf(source: Side, target: Side): readonly (readonly number[])[] {
  const names = source.tables.map(({ name }) => tableReadings(name, source.habits));
  const gists = source.tables.map((table) => gistsOf(table, source.habits));
  const weights = rarity([...gists, ...target.tables.map((table) => gistsOf(table, target.habits))]);
  return target.tables.map((table) => {
    const readings = tableReadings(table.name, target.habits);
    const own = gistsOf(table, target.habits);
    return source.tables.map((_, s) => {
      const name = bestLikeness(names[s] ?? [], readings);
      return NAME * name + (1 - NAME) * overlap(gists[s] ?? own, own, weights);
    });
  });
}

const gistsOf = (table: Table, habits: Habits): ReadonlySet<string> =>
  new Set(table.columns.map(({ name }) => gist(table, name, habits)));

/** What a column tells of its table: `id` and `name`, which most tables have, next to nothing. */
function rarity(sets: readonly ReadonlySet<string>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const set of sets) for (const word of set) counts.set(word, (counts.get(word) ?? 0) + 1);
  return new Map([...counts].map(([word, count]) => [word, Math.log(1 + (2 * sets.length) / count)]));
}

function overlap(
  ours: ReadonlySet<string>,
  theirs: ReadonlySet<string>,
  weights: ReadonlyMap<string, number>,
): number {
  const weigh = (words: Iterable<string>): number => {
    let sum = 0;
    for (const word of words) sum += weights.get(word) ?? 0;
    return sum;
  };
  const all = weigh(ours) + weigh(theirs);
  return all === 0 ? 0 : (2 * weigh([...ours].filter((word) => theirs.has(word)))) / all;
}

/** Adds to pairs whose neighbours, by foreign key, are pairs too. */
function withNeighbours(
  scores: readonly (readonly number[])[],
  source: Side,
  target: Side,
  found: readonly number[],
): readonly (readonly number[])[] {
  const ours = neighbours(source.tables);
  const theirs = neighbours(target.tables);
  return scores.map((row, t) => {
    const wanted = [...(theirs[t] ?? [])].flatMap((n) => ((found[n] ?? -1) < 0 ? [] : [found[n]]));
    if (wanted.length === 0) return row;
    return row.map((score, s) => {
      const met = wanted.filter((n) => n !== undefined && ours[s]?.has(n)).length;
      return Math.min(1, score + (NEIGHBOURS * met) / wanted.length);
    });
  });
}

/** Of each table, by number, those that it refers to or that refer to it. */
function neighbours(tables: readonly Table[]): readonly ReadonlySet<number>[] {
  const numbers = new Map(tables.map((table, n) => [`${table.schema}.${table.name}`, n]));
  const sets = tables.map(() => new Set<number>());
  for (const [n, { foreignKeys }] of tables.entries()) {
    for (const { table } of foreignKeys) {
      const other = numbers.get(`${table.schema}.${table.name}`);
      if (other === undefined || other === n) continue;
      sets[n]?.add(other);
      sets[other]?.add(n);
    }
  }
  return sets;
}
