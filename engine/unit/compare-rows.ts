import type { Difference, TestValue } from '../contract/unit-test.js';
import type { Position } from '../contract/problem.js';
import type { FoundRow } from './observe.js';
import { isJson } from './json.js';

/** A cell that a test expects, as the column's type compares it. */
export interface ExpectedCell {
  readonly column: string;
  /** As {@link FoundRow} has it. */
  readonly text: string | null;
  /** A list or a map of a JSON column: compared by its parts. */
  readonly json: TestValue | null;
  readonly at: Position;
}

export interface ExpectedRow {
  readonly cells: readonly ExpectedCell[];
  readonly at: Position;
}

/** Columns that a row is told by in words. */
const TOLD = 4;

const isAs = ({ column, text, json }: ExpectedCell, row: FoundRow): boolean => {
  const found = row.get(column) ?? null;
  return json !== null && found !== null ? isJson(json, found) : found === text;
};

/**
 * Finds for each expected row the one that was made: by the target key where the test gives all of it, else one that
 * is just as expected, else the one most alike. Every row answers once.
 */
export function compareRows(
  expected: readonly ExpectedRow[],
  found: readonly FoundRow[],
  key: readonly string[],
  at: Position,
): readonly Difference[] {
  const left = new Set(found);
  const pairs = new Map<ExpectedRow, FoundRow>();
  const pair = (row: ExpectedRow, fits: (other: FoundRow) => boolean): void => {
    const other = pairs.has(row) ? undefined : [...left].find(fits);
    if (other === undefined) return;
    pairs.set(row, other);
    left.delete(other);
  };
  const keyOf = ({ cells }: ExpectedRow): readonly ExpectedCell[] =>
    cells.filter(({ column }) => key.includes(column));
  const isKeyed = (row: ExpectedRow): boolean => key.length > 0 && keyOf(row).length === key.length;
  for (const row of expected) {
    if (isKeyed(row)) pair(row, (other) => keyOf(row).every((cell) => isAs(cell, other)));
  }
  for (const row of expected) {
    if (!isKeyed(row)) pair(row, (other) => row.cells.every((cell) => isAs(cell, other)));
  }
  for (const row of expected) {
    if (isKeyed(row)) continue;
    const alike = (other: FoundRow): number => row.cells.filter((cell) => isAs(cell, other)).length;
    const most = Math.max(...[...left].map(alike));
    pair(row, (other) => alike(other) === most);
  }
  const told = [...new Set([...key, ...expected.flatMap(({ cells }) => cells.map(({ column }) => column))])];
  return [
    ...expected.flatMap((row) => differenceOf(row, pairs.get(row), key)),
    ...[...left].map((row) => ({
      ...({ about: 'rows', kind: 'unexpected', columns: [], note: null, at } as const),
      what: told
        .slice(0, TOLD)
        .map((column) => `${column} ${row.get(column) ?? 'null'}`)
        .join(', '),
    })),
  ];
}

function differenceOf(
  row: ExpectedRow,
  other: FoundRow | undefined,
  key: readonly string[],
): readonly Difference[] {
  const named = row.cells.filter(({ column }) => key.includes(column));
  const what = (named.length > 0 ? named : row.cells.slice(0, TOLD))
    .map(({ column, text }) => `${column} ${text ?? 'null'}`)
    .join(', ');
  const about = { about: 'rows', what, at: row.at, note: null } as const;
  if (other === undefined) return [{ ...about, kind: 'missing', columns: [] }];
  const columns = row.cells
    .filter((cell) => !isAs(cell, other))
    .map(({ column, text, json, at }) => ({
      ...{ column, at, expected: json?.json ?? text, found: other.get(column) ?? null },
    }));
  return columns.length === 0 ? [] : [{ ...about, kind: 'differs', columns }];
}
