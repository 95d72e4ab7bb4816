import type { ProblemCode } from '../contract/codes.js';
import { within } from '../contract/sql-text.js';
import type { SqlText } from '../contract/sql-text.js';
import type { Fault, ReadSql } from '../sql/index.js';
import { errorAt } from './report.js';
import type { Report } from './report.js';
import type { SqlKind } from './shape.js';

/** A piece of SQL that stands in the project's files. */
export interface SqlUse {
  readonly sql: SqlText;
  readonly holds: SqlKind;
}

/** What was read of each piece of SQL. */
export type SqlRead = ReadonlyMap<SqlText, ReadSql>;

const CODES: Readonly<Record<Fault['kind'], ProblemCode>> = {
  syntax: 'ETL-SQL-001',
  form: 'ETL-SQL-002',
  aggregate: 'ETL-SQL-003',
};

const LABELS: Readonly<Record<Fault['kind'], string>> = {
  syntax: "PostgreSQL's parser stops here",
  form: 'not here',
  aggregate: 'each row is looked at alone',
};

/** Parses every piece of SQL with PostgreSQL's own parser, and reports what it refuses at its place in the YAML. */
export async function checkSql(uses: readonly SqlUse[], report: Report): Promise<SqlRead> {
  if (uses.length === 0) return new Map();
  // A megabyte of WebAssembly: for those alone who have SQL.
  const { loadParser, readExpression, readQuery, readStatements } = await import('../sql/index.js');
  const parser = await loadParser();
  const readers = { query: readQuery, expression: readExpression, statements: readStatements };
  const read = new Map<SqlText, ReadSql>();
  for (const { sql, holds } of uses) {
    const found = readers[holds](sql.value, parser);
    read.set(sql, found);
    for (const { kind, message, offset, help } of found.faults) {
      report(errorAt(CODES[kind], within(sql, offset), message, { label: LABELS[kind], help: help ?? null }));
    }
  }
  return read;
}
