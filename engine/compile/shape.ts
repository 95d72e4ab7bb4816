import type { ResultColumn, Table } from '../contract/catalogue.js';
import type { Mapping, Origin } from '../contract/mapping.js';
import type { Located, Problem } from '../contract/problem.js';
import { suggest } from '../contract/suggest.js';
import { quoteDotted } from '../contract/table-name.js';
import { refusedSql, type Asked } from './refused-sql.js';

/** What the compiler asks of one database's catalogue: of all mappings at once, for each question is a journey. */
export interface CatalogueReader {
  /** @returns by the names asked for (SQL text); who is not in it does not exist */
  tables(quoted: readonly string[]): Promise<ReadonlyMap<string, Table>>;
  tableNames(): Promise<readonly string[]>;
  /** @returns each query's columns, or the server's complaint */
  describe(queries: readonly string[]): Promise<readonly (readonly ResultColumn[] | Error)[]>;
}

/** A mapping's source as the database describes it. */
export interface SourceShape {
  /** To stand in `from (…) q`. */
  readonly rowsSql: string;
  /** What the mapping's table or query gives. */
  readonly columns: readonly ResultColumn[];
  /** The type of each expression in `sql`, `skip_when` and rules, by its text. */
  readonly expressions: ReadonlyMap<string, ResultColumn>;
  /** The source table, where the mapping names one. */
  readonly table: Table | null;
}

/** The semicolon that ends a statement, with the comments behind it. */
const TRAILING_SEMICOLON = /;\s*(?:--[^\n]*\s*|\/\*[\s\S]*?\*\/\s*)*$/;

/** A query as it may stand in brackets. */
export const withoutSemicolon = (sql: string): string => sql.replace(TRAILING_SEMICOLON, '');

/** One name, whatever is in it. */
export const quoteWhole = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The pieces of source SQL that are true or false. */
const conditionsOf = (mapping: Mapping): readonly Located<string>[] => [
  ...mapping.source.skipWhen.map((condition) => condition.sql),
  ...mapping.rules.flatMap((rule) => (rule.test.kind === 'sql' ? [rule.test.sql] : [])),
];

/** Every piece of source SQL that a mapping's rows are made of. */
function expressionsOf(mapping: Mapping): readonly Located<string>[] {
  const visit = (origin: Origin): readonly Located<string>[] => {
    if (origin.kind === 'sql') return [origin.sql];
    if (origin.kind === 'object') return origin.entries.flatMap((entry) => visit(entry.origin));
    if (origin.kind === 'array') return origin.items.flatMap(visit);
    return [];
  };
  return [...mapping.columns.flatMap((column) => visit(column.origin)), ...conditionsOf(mapping)];
}

/** What `duplicates` asks of its column: that its values have an order. */
function rankOf({ mapping, columns }: Described): readonly Located<string>[] {
  const { duplicates } = mapping.source;
  if (duplicates.kind !== 'keep' || !columns.some(({ name }) => name === duplicates.by.value)) return [];
  const { value, at } = duplicates.by;
  return [{ value: `rank() over (order by q."${value.replaceAll('"', '""')}")`, at }];
}

/** A mapping's source as far as it was found, with what is wrong with it. */
export interface FoundShape {
  /** Null where it cannot be read. */
  readonly shape: SourceShape | null;
  readonly problems: readonly Problem[];
}

/** The rows of a mapping before the source was asked what they are. */
interface Base {
  readonly mapping: Mapping;
  readonly rowsSql: string;
  readonly table: Table | null;
  readonly asked: Asked;
}

type Described = Base & { readonly columns: readonly ResultColumn[] };

/** Asks a source what mappings read of it, in as few questions as there are kinds of them. */
export async function sourceShapes(
  mappings: readonly Mapping[],
  source: CatalogueReader,
): Promise<ReadonlyMap<Mapping, FoundShape>> {
  const found = new Map<Mapping, FoundShape>();
  const fail = (mapping: Mapping, problem: Problem): void =>
    void found.set(mapping, { shape: null, problems: [problem] });
  const names = mappings.flatMap(({ source: { from } }) => (from.kind === 'table' ? [from.table.value] : []));
  const tables = await source.tables(names.map(quoteDotted));
  const known = names.every((name) => tables.has(quoteDotted(name))) ? [] : await source.tableNames();
  const bases = mappings.flatMap((mapping) => {
    const base = baseOf(mapping, tables, known);
    if (!('code' in base)) return [base];
    fail(mapping, base);
    return [];
  });
  const columns = await source.describe(bases.map((base) => base.rowsSql));
  const described = bases.flatMap((base, n): Described[] => {
    const given = columns[n] ?? [];
    if (!(given instanceof Error)) return [{ ...base, columns: given }];
    fail(base.mapping, refusedSql(given, base.asked));
    return [];
  });
  for (const [mapping, shape] of await withExpressions(described, source)) found.set(mapping, shape);
  return found;
}

/** What to ask for a mapping's rows, or why there is nothing to ask for. */
function baseOf(
  mapping: Mapping,
  tables: ReadonlyMap<string, Table>,
  known: readonly string[],
): Base | Problem {
  const { from } = mapping.source;
  if (from.kind === 'query') {
    const rowsSql = withoutSemicolon(from.sql.value);
    return { mapping, rowsSql, table: null, asked: { piece: from.sql, offset: 0, over: null } };
  }
  const quoted = quoteDotted(from.table.value);
  const table = tables.get(quoted);
  if (table === undefined) return noSourceTable(from.table, known);
  // Of a table that the role may read in part only these columns may be named at all.
  const list = table.readable?.map(quoteWhole);
  const all = `select ${list?.join(', ') ?? '*'} from ${quoted}`;
  // A complaint about the table itself points at no character of the mapping's.
  if (from.where === null) {
    return { mapping, rowsSql: all, table, asked: { piece: from.table, offset: Infinity, over: null } };
  }
  const before = `${all} where (`;
  const asked = { piece: from.where, offset: before.length, over: null };
  return { mapping, rowsSql: `${before}${from.where.value}\n)`, table, asked };
}

function noSourceTable({ value, at }: Located<string>, known: readonly string[]): Problem {
  const near = suggest(value, known);
  const message = `the source has no table "${value}"`;
  const help =
    near === null ? 'is the schema in the search path, and may the role see it?' : `did you mean "${near}"?`;
  return { code: 'ETL-BIND-001', severity: 'error', message, at, help };
}

/** Asks for the type of each expression of each mapping, in one question. */
async function withExpressions(
  bases: readonly Described[],
  source: CatalogueReader,
): Promise<ReadonlyMap<Mapping, FoundShape>> {
  // Beside q.* an aggregate, which would change what a row is, is refused by the server itself.
  const before = 'select q.*, (';
  const pieces = bases.flatMap((base) => {
    const byText = new Map<string, Located<string>>();
    for (const piece of [...expressionsOf(base.mapping), ...rankOf(base)]) {
      if (!byText.has(piece.value)) byText.set(piece.value, piece);
    }
    return [...byText.values()].map((piece) => ({ base, piece }));
  });
  const answers = await source.describe(
    pieces.map(({ base, piece }) => `${before}${piece.value}\n) as value from (${base.rowsSql}\n) q`),
  );
  const found = new Map(
    bases.map(({ mapping, rowsSql, table, columns }) => {
      const expressions = new Map<string, ResultColumn>();
      return [mapping, { shape: { rowsSql, table, columns, expressions }, problems: [] as Problem[] }];
    }),
  );
  for (const [n, { base, piece }] of pieces.entries()) {
    const answer = answers[n] ?? [];
    const one = found.get(base.mapping);
    if (answer instanceof Error) {
      const over = base.columns.map((c) => c.name);
      one?.problems.push(refusedSql(answer, { piece, offset: before.length, over }));
    } else {
      const value = answer.at(-1);
      if (value !== undefined) one?.shape.expressions.set(piece.value, value);
    }
  }
  for (const [mapping, { shape, problems }] of found) problems.push(...untrue(mapping, shape.expressions));
  return found;
}

/** Conditions that are neither true nor false. */
function untrue(mapping: Mapping, expressions: ReadonlyMap<string, ResultColumn>): readonly Problem[] {
  return conditionsOf(mapping).flatMap(({ value, at }): Problem[] => {
    const type = expressions.get(value)?.type;
    if (type === undefined || type.base === 'boolean') return [];
    const message = `a condition is true or false, this is ${type.display}`;
    return [{ code: 'ETL-BIND-002', severity: 'error', message, at }];
  });
}
