import type { ResultColumn, Table } from '../contract/catalogue.js';
import type { Mapping, Origin } from '../contract/mapping.js';
import type { Located, Position, Problem } from '../contract/problem.js';
import { suggest } from '../contract/suggest.js';

/** What the compiler asks of one database's catalogue. */
export interface CatalogueReader {
  table(quoted: string): Promise<Table | null>;
  tableNames(): Promise<readonly string[]>;
  describe(sql: string): Promise<readonly ResultColumn[]>;
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

/** `a.b` → `"a"."b"`, `b` → `"b"`. */
export const quoteDotted = (name: string): string =>
  name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');

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

/** The server's complaint without the driver's wrapping, and the character that it points at. */
const complaint = (error: unknown): { text: string; position: number | null } => {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  const position =
    typeof cause === 'object' && cause !== null && 'position' in cause ? Number(cause.position) : NaN;
  return { text, position: Number.isFinite(position) ? position : null };
};

const isConnection = (error: unknown): boolean =>
  error instanceof Error && 'exitCode' in error && error.exitCode === 3;

/**
 * Moves a place into a SQL text that stands there.
 * @param offset in characters, as the server counts them: code points
 * @returns the whole text's place where its value is not what stands in the file (escapes, folded lines)
 */
function within({ value, at }: Located<string>, offset: number | null): Position {
  const characters = Array.from(value);
  if (offset === null || offset < 0 || offset > characters.length) return at;
  const before = characters.slice(0, offset).join('');
  const lines = before.split('\n');
  const asWritten = value.includes('\n') || Math.abs(at.length - value.length) <= 1;
  if (!asWritten) return at;
  const word = /^\w+/.exec(value.slice(before.length))?.[0].length ?? 1;
  const column = at.column + (lines.at(-1)?.length ?? 0);
  return { ...at, line: at.line + lines.length - 1, column, length: word };
}

/** What to do about SQL that names no column of the source: the column that was meant, or all there are. */
function sqlHelp(complaint: string, columns: readonly string[]): string {
  const unknown = /"?([\w.]+)"?/.exec(complaint.replace(/^column /, ''))?.[1] ?? '';
  const near = suggest(unknown.slice(unknown.lastIndexOf('.') + 1), columns);
  if (near !== null && !columns.includes(unknown)) return `did you mean "${near}"?`;
  return `it is evaluated over the columns ${columns.join(', ')}`;
}

/** Asks the source what a mapping reads; gives null, and the problems, where it cannot be read. */
export async function sourceShape(
  mapping: Mapping,
  source: CatalogueReader,
  problems: Problem[],
): Promise<SourceShape | null> {
  const base = await baseRows(mapping, source, problems);
  if (base === null) return null;
  const expressions = new Map<string, ResultColumn>();
  for (const expression of expressionsOf(mapping)) {
    if (expressions.has(expression.value)) continue;
    // Beside q.* an aggregate, which would change what a row is, is refused by the server itself.
    const before = 'select q.*, (';
    try {
      const described = await source.describe(
        `${before}${expression.value}\n) as value from (${base.rowsSql}\n) q`,
      );
      const column = described.at(-1);
      if (column !== undefined) expressions.set(expression.value, column);
    } catch (error) {
      if (isConnection(error)) throw error;
      const { text, position } = complaint(error);
      const offset = position === null ? null : position - 1 - 'select * from ('.length - before.length;
      problems.push({
        code: 'ETL-BIND-002',
        severity: 'error',
        message: `the source refuses this SQL: ${text}`,
        at: within(expression, offset),
        help: sqlHelp(
          text,
          base.columns.map((c) => c.name),
        ),
      });
    }
  }
  for (const condition of conditionsOf(mapping)) {
    const type = expressions.get(condition.value)?.type;
    if (type === undefined || type.base === 'boolean') continue;
    problems.push({
      code: 'ETL-BIND-002',
      severity: 'error',
      message: `a condition is true or false, this is ${type.display}`,
      at: condition.at,
    });
  }
  return { ...base, expressions };
}

async function baseRows(
  mapping: Mapping,
  source: CatalogueReader,
  problems: Problem[],
): Promise<Omit<SourceShape, 'expressions'> | null> {
  const { from } = mapping.source;
  if (from.kind === 'query') {
    const sql = from.sql.value.replace(TRAILING_SEMICOLON, '');
    return describeRows(sql, from.sql, 'select * from ('.length, null, source, problems);
  }
  const quoted = quoteDotted(from.table.value);
  const table = await source.table(quoted);
  if (table === null) {
    const near = suggest(from.table.value, await source.tableNames());
    problems.push({
      code: 'ETL-BIND-001',
      severity: 'error',
      message: `the source has no table "${from.table.value}"`,
      at: from.table.at,
      help:
        near === null
          ? 'is the schema in the search path, and may the role see it?'
          : `did you mean "${near}"?`,
    });
    return null;
  }
  const all = `select * from ${quoted}`;
  if (from.where === null) return describeRows(all, from.table, 0, table, source, problems);
  const before = `${all} where (`;
  return describeRows(
    `${before}${from.where.value}\n)`,
    from.where,
    'select * from ('.length + before.length,
    table,
    source,
    problems,
  );
}

async function describeRows(
  rowsSql: string,
  blame: Located<string>,
  offset: number,
  table: Table | null,
  source: CatalogueReader,
  problems: Problem[],
): Promise<Omit<SourceShape, 'expressions'> | null> {
  try {
    return { rowsSql, table, columns: await source.describe(rowsSql) };
  } catch (error) {
    if (isConnection(error)) throw error;
    const { text, position } = complaint(error);
    problems.push({
      code: 'ETL-BIND-002',
      severity: 'error',
      message: `the source refuses this SQL: ${text}`,
      at: within(blame, position === null ? null : position - 1 - offset),
    });
    return null;
  }
}
