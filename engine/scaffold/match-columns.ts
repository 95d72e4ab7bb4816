import { assign } from '../compile/assign.js';
import { plainType, type ForeignKey, type Table, type TableColumn } from '../contract/catalogue.js';
import { bestAssignment } from './assignment.js';
import { columnReadings, type Habits } from './habits.js';
import type { TableMatch, TablePair } from './match-tables.js';
import { bestLikeness } from './names.js';
import { isOld, wordsOf } from './words.js';

export interface ColumnPair {
  readonly target: TableColumn;
  readonly source: TableColumn;
  /** From 0 to 1. */
  readonly confidence: number;
}

/** From here on a pair is written as a guess; below, it is named in a comment. */
export const GUESSED = 0.65;
/** Nothing is said of pairs below. */
const NAMED = 0.4;

/** What foreign keys to tables that are a pair add to what the name leaves open. */
const BY_KEY = 0.6;

export interface Correspondence {
  readonly match: TableMatch;
  readonly source: Habits;
  readonly target: Habits;
}

/**
 * Which column of a pair's target table comes from which one of its source table: names, types and foreign keys tell,
 * and each column is taken once.
 * @param taken target columns that need no source, and source columns that have their place
 */
export function matchColumns(
  pair: TablePair,
  { match, source, target }: Correspondence,
  taken: { readonly targets: ReadonlySet<string>; readonly sources: ReadonlySet<string> },
): readonly ColumnPair[] {
  const { columns } = pair.source;
  const wanted = pair.target.columns.filter(({ name, generated }) => !generated && !taken.targets.has(name));
  const readings = columns.map(({ name }) => columnReadings(pair.source, name, source));
  const scores = wanted.map((column) => {
    const own = columnReadings(pair.target, column.name, target);
    const theirs = keyOf(pair.target, column.name);
    const rank = wordsOf(column.name).some(isOld) ? BESIDE : 1;
    return columns.map((other, n) => {
      const name = bestLikeness(readings[n] ?? [], own);
      const score = byKeys(name, keyOf(pair.source, other.name), theirs, match);
      return Math.min(1, score * fitness(other, column, theirs !== null)) * rank;
    });
  });
  const open = scores.map((row) =>
    row.map((score, n) => (score < NAMED || taken.sources.has(columns[n]?.name ?? '') ? 0 : score)),
  );
  return bestAssignment(open).flatMap((place, n) => {
    const column = wanted[n];
    const row = scores[n] ?? [];
    const found = place < 0 && column !== undefined ? copied(column, row) : place;
    const other = columns[found];
    if (column === undefined || other === undefined) return [];
    return [{ target: column, source: other, confidence: row[found] ?? 0 }];
  });
}

/** A column that keeps an old value beside what has become of it: `legacy_order_id` next to `order_id`. */
function copied({ name }: TableColumn, scores: readonly number[]): number {
  const most = Math.max(...scores);
  return wordsOf(name).some(isOld) && most >= COPIED ? scores.indexOf(most) : -1;
}
const COPIED = 0.8;
/** What keeps an old value stands back behind what it becomes. */
const BESIDE = 0.9;
/** Of several that are alike by name the one of just this type. */
const EQUAL = 1.04;

/** The foreign key that a column alone makes. */
export const keyOf = ({ foreignKeys }: Table, column: string): ForeignKey | null =>
  foreignKeys.find(({ columns }) => columns.length === 1 && columns[0] === column) ?? null;

/** Two foreign keys to tables of one pair speak for it, to tables of two pairs against it. */
function byKeys(name: number, ours: ForeignKey | null, theirs: ForeignKey | null, match: TableMatch): number {
  if (ours === null || theirs === null) return name;
  const pair = match.pairs.find(({ target }) => isTable(target, theirs.table));
  if (pair === undefined) return name;
  return isTable(pair.source, ours.table) ? 1 - (1 - name) * (1 - BY_KEY) : name * 0.6;
}

export const isTable = (table: Table, name: { readonly schema: string; readonly name: string }): boolean =>
  table.name === name.name && table.schema === name.schema;

/** What is left of a likeness where the types do not go together. A reference gives another type than it takes. */
function fitness(source: TableColumn, target: TableColumn, referred: boolean): number {
  const keys = ['integer', 'uuid', 'text', 'numeric'];
  if (referred && keys.includes(source.type.base)) return EQUAL;
  if (source.type.display === target.type.display) return EQUAL;
  if (plainType(target.type).kind === 'enum') return 0.95;
  const { how } = assign(source.type, target);
  if (how !== 'demand') return source.type.base === target.type.base ? 1 : 0.93;
  return CONVERTIBLE.has(`${source.type.base} ${target.type.base}`) ? 0.95 : 0.5;
}

/** What a step, or the source's SQL, makes of the other. */
const CONVERTIBLE: ReadonlySet<string> = new Set([
  'text boolean',
  'integer boolean',
  'text date',
  'text timestamp',
  'text timestamptz',
  'text json',
  'integer timestamp',
  'integer timestamptz',
  'date timestamptz',
  'timestamp timestamptz',
  'timestamptz timestamp',
  'timestamp date',
  'timestamptz date',
]);
