import type { PgType, ResultColumn } from '../contract/catalogue.js';
import type { ProblemCode } from '../contract/codes.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { Located, Problem } from '../contract/problem.js';
import { referredTo } from '../contract/references.js';
import type { Session } from '../contract/session.js';
import { suggest } from '../contract/suggest.js';
import type { TestRow, TestValue, UnitTest } from '../contract/unit-test.js';
import type { ExpectedCell, ExpectedRow } from './compare-rows.js';
import { lookupName } from './given.js';
import { comparableTexts, complaints, type TypedValue } from './values.js';

/** A mapping as its tests see it. */
export interface Tested {
  readonly compiled: CompiledMapping;
  /** What its query or table gives. */
  readonly columns: readonly ResultColumn[];
}

/** Sessions of the two embedded databases. */
export interface Sides {
  readonly source: Session;
  readonly target: Session;
}

type Types = ReadonlyMap<string, PgType>;

/** What is wrong with the tests of a mapping; all of it. */
export async function checkTests(
  { compiled, columns }: Tested,
  tests: readonly UnitTest[],
  { source, target }: Sides,
): Promise<readonly Problem[]> {
  const given: Types = new Map(columns.map(({ name, type }) => [name, type]));
  const made: Types = new Map(compiled.table.columns.map(({ name, type }) => [name, type]));
  const problems = tests.flatMap((test) => namesOf(compiled, test, given, made));
  const values = async (
    session: Session,
    rows: readonly TestRow[],
    types: Types,
  ): Promise<readonly Problem[]> => {
    const typed = rows.flatMap((row) => typedCells(row, types));
    const said = await complaints(session, typed);
    return typed.flatMap(({ value, type }, n) => {
      const complaint = said[n] ?? null;
      if (complaint === null) return [];
      const message = `this is no value of type ${type.display}: ${complaint}`;
      return [{ code: 'ETL-TEST-007', severity: 'error', message, at: value.at } as const];
    });
  };
  return [
    ...problems,
    ...(await values(
      source,
      tests.flatMap(({ given: { rows } }) => rows),
      given,
    )),
    ...(await values(
      target,
      tests.flatMap(({ expect }) => expect.rows ?? []),
      made,
    )),
  ];
}

function typedCells(row: TestRow, types: Types): readonly TypedValue[] {
  return row.cells.flatMap(({ column, value }) => {
    const type = types.get(column.value);
    return type === undefined ? [] : [{ value, type }];
  });
}

/** Names that a test uses and the mapping does not have. */
function namesOf(
  { mapping, table }: CompiledMapping,
  { given, expect }: UnitTest,
  source: Types,
  target: Types,
): readonly Problem[] {
  const columns = (rows: readonly TestRow[]): readonly Located<string>[] =>
    rows.flatMap(({ cells }) => cells.map(({ column }) => column));
  const fates = [...(expect.rejects ?? []), ...(expect.warnings ?? [])];
  const told = fates.flatMap(({ column }) => (column === null ? [] : [column]));
  const references = referredTo(mapping);
  const lookups = mapping.columns.flatMap((spec) =>
    spec.resolver?.kind === 'lookup' ? [lookupName(spec, spec.resolver.lookup)] : [],
  );
  return [
    ...unknown('ETL-TEST-003', columns(given.rows), [...source.keys()], (name) => `the source of "${mapping.name}" has no column "${name}"`),
    ...unknown('ETL-TEST-004', [...columns(expect.rows ?? []), ...told], [...target.keys()], (name) => `the target table "${table.name}" has no column "${name}"`),
    ...unknown('ETL-TEST-005', given.references.map(({ name }) => name), references, (name) => `"${mapping.name}" does not refer to a mapping "${name}"`),
    ...unknown('ETL-TEST-006', given.lookups.map(({ name }) => name), lookups, (name) => `"${mapping.name}" uses no look-up "${name}"`),
  ]; // prettier-ignore
}

function unknown(
  code: ProblemCode,
  names: readonly Located<string>[],
  known: readonly string[],
  message: (name: string) => string,
): readonly Problem[] {
  return names
    .filter(({ value }) => !known.includes(value))
    .map(({ value, at }) => {
      const near = suggest(value, known);
      const there = known.length === 0 ? 'there is none' : `there are ${[...new Set(known)].join(', ')}`;
      const help = near === null ? there : `did you mean "${near}"?`;
      return { code, severity: 'error', message: message(value), at, help };
    });
}

/** The expected rows of tests that were found right, as the columns' types compare them; null where a test has none. */
export async function expectedRows(
  { compiled }: Tested,
  tests: readonly UnitTest[],
  target: Session,
): Promise<readonly (readonly ExpectedRow[] | null)[]> {
  const types: Types = new Map(compiled.table.columns.map(({ name, type }) => [name, type]));
  const typed = tests.flatMap(({ expect }) => (expect.rows ?? []).flatMap((row) => typedCells(row, types)));
  const found = await comparableTexts(target, typed);
  const texts = new Map(typed.map(({ value }, n) => [value, found[n] ?? null]));
  return tests.map(({ expect }) => expect.rows?.map((row) => expectedRow(row, types, texts)) ?? null);
}

function expectedRow(
  { cells, at }: TestRow,
  types: Types,
  texts: ReadonlyMap<TestValue, string | null>,
): ExpectedRow {
  return {
    at,
    cells: cells.map(({ column, value }): ExpectedCell => {
      const isParts = types.get(column.value)?.base === 'json' && (value.entries ?? value.items) !== null;
      const text = texts.get(value) ?? null;
      return { column: column.value, text, json: isParts ? value : null, at: value.at };
    }),
  };
}
