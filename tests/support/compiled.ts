import type { PgType, Table, TableColumn } from '../../engine/contract/catalogue.js';
import type { CompiledColumn, CompiledMapping, Field } from '../../engine/contract/compiled.js';
import type { Mapping } from '../../engine/contract/mapping.js';
import type { Position } from '../../engine/contract/problem.js';
import type { SqlText } from '../../engine/contract/sql-text.js';
import type { BaseType } from '../../engine/contract/value.js';
import type { ProgramInputs, RowProgram } from '../../engine/compile/program/program.js';
import { Output } from '../../engine/compile/program/output.js';
import type { Refusal } from '../../engine/compile/program/refusal.js';
import { Row } from '../../engine/compile/program/row.js';

/** A place in no file. */
export const AT: Position = { file: 'mappings/test.yaml', line: 1, column: 1, length: 1 };

/** SQL that stands in no file. */
export const sqlText = (value: string): SqlText => ({ value, at: AT, written: value, quote: null });

export const located = <T>(value: T): { readonly value: T; readonly at: Position } => ({ value, at: AT });

/** A type without a catalogue: the language's view of it under PostgreSQL's name. */
export const typeOf = (base: BaseType, name: string = base, modifier = -1): PgType => ({
  oid: 0,
  schema: 'pg_catalog',
  name,
  modifier,
  base,
  kind: 'base',
  domainOf: null,
  labels: [],
  display: name,
  sql: name,
});

export const columnOf = (name: string, type: PgType, more: Partial<TableColumn> = {}): TableColumn => ({
  name,
  type,
  notNull: false,
  hasDefault: false,
  generated: false,
  identity: null,
  sequence: null,
  ...more,
});

export const fieldOf = (name: string, type: PgType): Field => ({
  name,
  sql: `q."${name}"`,
  type,
  sensitive: false,
});

/** A mapping from table `test` to table `test` that lists nothing. */
export const emptyMapping: Mapping = {
  name: 'test',
  file: AT.file,
  at: AT,
  description: '',
  phase: null,
  tags: [],
  dependsOn: [],
  source: {
    connection: located('source'),
    from: { kind: 'table', table: located('test'), where: null },
    key: [located('id')],
    changedAt: null,
    skipWhen: [],
    duplicates: { kind: 'reject', at: AT },
    ignore: [],
    sensitive: [],
    partition: { kind: 'auto' },
    at: AT,
  },
  target: {
    connection: located('target'),
    table: located('test'),
    key: [],
    identity: null,
    mode: located('upsert'),
    merge: null,
    triggers: located('keep'),
    constraints: located('auto'),
    at: AT,
  },
  columns: [],
  sameName: null,
  rules: [],
  hooks: { before: [], after: [] },
  checks: [],
  maxRejects: { unit: 'rows', count: 0 },
  stopAt: { unit: 'rows', count: 0 },
  deletedRows: null,
  plainCopy: false,
};

/** A compiled mapping of which only fields and columns matter. */
export function compiledOf(
  fields: readonly Field[],
  columns: readonly CompiledColumn[],
  more: Partial<CompiledMapping> = {},
): CompiledMapping {
  const table: Table = {
    oid: 1,
    schema: 'public',
    name: 'test',
    kind: 'r',
    hasChildren: false,
    columns: columns.map(({ column }) => column),
    primaryKey: [],
    uniques: [],
    foreignKeys: [],
    maySwallow: false,
    maySwallowUpdates: false,
    ruled: false,
    keptApartBy: null,
    owned: true,
    rowSecurity: null,
    readable: null,
    role: 'etl_target',
  };
  return {
    project: 'test',
    mapping: emptyMapping,
    rowsSql: 'select * from test',
    fields,
    key: [0],
    keyless: false,
    keyUnique: true,
    changedAt: null,
    skip: null,
    kept: null,
    table,
    columns,
    identity: null,
    handle: [],
    targetKey: [],
    found: 'key_map',
    holdsKey: false,
    sharedWith: [],
    rules: [],
    unmapped: [],
    defaulted: [],
    ...more,
  };
}

/** What a program needs beside the mapping, with nothing in it. */
export const noInputs: ProgramInputs = {
  steps: new Map(),
  rules: new Map(),
  facts: {
    run: 'run-1',
    startedAt: '2026-01-02T03:04:05.678901Z',
    mapping: 'test',
    namespace: '00000000-0000-0000-0000-000000000001',
  },
  lookups: new Map(),
  keyMaps: new Map(),
  rejected: new Map(),
};

/** A line of the target's COPY, or why there is none; with the rules that only warned. */
export interface Written {
  readonly result: Buffer | Refusal;
  readonly warnings: readonly Refusal[];
  /** See OUTCOME; one a reference. */
  readonly outcomes: readonly number[];
  /** Columns that a second pass must complete. */
  readonly pending: readonly string[];
}

/** Runs a program over lines of COPY's text, as a load does: into one output that is cut back where a row fails. */
export function runProgram(program: RowProgram, width: number, lines: Buffer): readonly Written[] {
  const row = new Row(width);
  const out = new Output(16);
  const written: Written[] = [];
  row.open(lines);
  out.take(lines);
  while (row.next()) {
    const start = out.length;
    const warnings: Refusal[] = [];
    const refusal = program.write(row, out, (warning) => warnings.push(warning));
    if (refusal !== null) out.length = start;
    written.push({
      result: refusal ?? out.since(start),
      warnings,
      outcomes: [...program.outcomes],
      pending: [...program.pending.keys()],
    });
  }
  return written;
}
