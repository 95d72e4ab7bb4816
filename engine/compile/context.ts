import type { ResultColumn, Table, TableColumn } from '../contract/catalogue.js';
import type { CompiledColumn } from '../contract/compiled.js';
import type { Mapping } from '../contract/mapping.js';
import type { Located, Position, Problem } from '../contract/problem.js';
import type { ProblemCode } from '../contract/codes.js';
import type { RuleDefinition } from '../contract/rule.js';
import type { StepDefinition } from '../contract/step.js';
import { unknownSourceColumn } from '../contract/source-column.js';
import { suggest } from '../contract/suggest.js';
import { Fields } from './fields.js';
import { quoteWhole, type SourceShape } from './shape.js';

/** The steps and rules that mappings may use; handed in by whoever composes the program. */
export interface Registries {
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly rules: ReadonlyMap<string, RuleDefinition>;
}

/** A mapping whose two sides have been found in the catalogues. */
export interface Sides {
  readonly mapping: Mapping;
  readonly shape: SourceShape;
  readonly table: Table;
}

/** What the passes over one mapping share. */
export class Context {
  readonly fields: Fields;
  readonly columns: CompiledColumn[] = [];

  constructor(
    readonly project: string,
    readonly sides: Sides,
    /** All mappings of the project that could be bound, by name. */
    readonly all: ReadonlyMap<string, Sides>,
    /** The references of this mapping that a second pass completes, each with the mapping that comes later. */
    readonly opened: readonly { readonly column: string; readonly to: string }[],
    readonly registries: Registries,
    private readonly problems: Problem[],
  ) {
    const sensitive = new Set(sides.mapping.source.sensitive.map((column) => column.value));
    this.fields = new Fields(sides.shape.columns, sensitive);
  }

  /** Reports a problem, once however many passes come upon it. */
  problem(code: ProblemCode, at: Position, message: string, help?: string | null): void {
    const isSame = (other: Problem): boolean =>
      other.code === code && other.message === message && other.at === at;
    if (this.problems.some(isSame)) return;
    this.problems.push({
      code,
      severity: 'error',
      message,
      at,
      ...(help === undefined || help === null ? {} : { help }),
    });
  }

  /** A source column by name, or null and a problem. */
  sourceColumn(name: Located<string>): ResultColumn | null {
    const column = this.fields.column(name.value);
    if (column !== undefined) return column;
    const { table } = this.sides.shape;
    if (table?.readable && table.columns.some((c) => c.name === name.value)) {
      const [sql, role] = [`${quoteWhole(table.schema)}.${quoteWhole(table.name)}`, quoteWhole(table.role)];
      const help = `grant select (${quoteWhole(name.value)}) on ${sql} to ${role}`;
      this.problem(
        'ETL-CHECK-026',
        name.at,
        `the source role ${role} may not read "${name.value}" of ${sql}`,
        help,
      );
      return null;
    }
    const unknown = unknownSourceColumn(
      name,
      this.sides.shape.columns.map((c) => c.name),
    );
    this.problem(unknown.code, name.at, unknown.message, unknown.help);
    return null;
  }

  /** A target column by name, or null and a problem. */
  targetColumn(name: Located<string>): TableColumn | null {
    return targetColumn(this.sides.table, name, this.problems);
  }
}

function targetColumn(table: Table, name: Located<string>, problems: Problem[]): TableColumn | null {
  const column = table.columns.find((c) => c.name === name.value);
  if (column !== undefined) return column;
  const near = suggest(
    name.value,
    table.columns.map((c) => c.name),
  );
  problems.push({
    code: 'ETL-BIND-005',
    severity: 'error',
    message: `the target table "${table.name}" has no column "${name.value}"`,
    at: name.at,
    help: near === null ? `it has ${table.columns.map((c) => c.name).join(', ')}` : `did you mean "${near}"?`,
  });
  return null;
}
