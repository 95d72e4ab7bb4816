import type { ResultColumn, TableColumn } from '../contract/catalogue.js';
import type { Check, CompiledColumn } from '../contract/compiled.js';
import type { ColumnSpec, Origin } from '../contract/mapping.js';
import type { Position } from '../contract/problem.js';
import type { BaseType } from '../contract/value.js';
import { assign, assignBase, checksOf } from './assign.js';
import { bindReference } from './bind-reference.js';
import type { Context } from './context.js';
import { bindOrigin } from './origins.js';

/** A target column cannot take the null that the source has: it is null nowhere or has a default that nulls skip. */
const withNotNull = (column: TableColumn, checks: readonly Check[]): readonly Check[] =>
  column.notNull ? [{ kind: 'not_null' }, ...checks] : checks;

/** `target: source` with nothing between but perhaps a default, from a column or an expression. */
function bindPlain(
  context: Context,
  column: TableColumn,
  read: { readonly column: ResultColumn; readonly sql: string | null },
  at: Position,
  spec: ColumnSpec = plainSpec(column.name, at),
): CompiledColumn | null {
  const { fields } = context;
  const how = assign(read.column.type, column);
  if (how.how === 'demand') {
    const from = `${read.sql === null ? `"${read.column.name}"` : 'this expression'} is ${read.column.type.display}`;
    context.problem('ETL-BIND-007', at, `${from}, "${column.name}" is ${column.type.display}`, how.help);
    return null;
  }
  const cast = how.how === 'cast' ? how.to : undefined;
  const type =
    cast === undefined ? read.column.type : { ...read.column.type, name: cast, base: column.type.base };
  const field =
    read.sql === null
      ? fields.read(read.column, cast === undefined ? undefined : { to: cast, type })
      : fields.expression(read.sql, type, column.name, cast);
  const checks = withNotNull(column, how.checks);
  if (how.how === 'value' || spec.default !== null) {
    return {
      column,
      at,
      volatile: false,
      make: {
        kind: 'value',
        spec,
        origin: { kind: 'fields', fields: [field] },
        checks,
        keyTypes: [],
        reference: null,
      },
    };
  }
  return { column, at, volatile: false, make: { kind: 'bytes', field, checks } };
}

const plainSpec = (name: string, at: Position): ColumnSpec => ({
  column: { value: name, at },
  origin: { kind: 'source', columns: [], at },
  steps: [],
  resolver: null,
  default: null,
});

/** The type after the steps; a problem where a step does not take what comes to it. */
function stepTypes(context: Context, spec: ColumnSpec, from: BaseType | null): BaseType | null {
  let type = from;
  for (const step of spec.steps) {
    const definition = context.registries.steps.get(step.name);
    if (definition === undefined) continue;
    if (type !== null && definition.accepts !== undefined && !definition.accepts.includes(type)) {
      const takes = definition.accepts.join(', ');
      const message = `the step ${step.name} takes ${takes}, here comes ${type}`;
      const help = "bring it into such a type in the source's SQL, with sql:, or by a step before this one";
      context.problem('ETL-BIND-016', step.at, message, help);
    }
    const output =
      typeof definition.output === 'function' ? definition.output(step.argument) : definition.output;
    type = output === 'same' ? type : output;
  }
  return type;
}

/** One listed column. */
export function bindColumn(context: Context, spec: ColumnSpec): CompiledColumn | null {
  const column = context.targetColumn(spec.column);
  if (column === null) return null;
  const { at } = spec.column;
  if (column.generated) {
    context.problem('ETL-BIND-008', at, `"${column.name}" is computed by the target and cannot be written`);
    return null;
  }
  if (spec.steps.length === 0 && spec.resolver === null) {
    const plain = plainRead(context, spec.origin);
    if (plain === null) return null;
    if (plain !== 'none') return bindPlain(context, column, plain, spec.origin.at, spec);
  }
  const bound = bindOrigin(context, spec.origin);
  if (bound === null) return null;
  const type = stepTypes(context, spec, bound.type);
  const { resolver } = spec;
  const reference = resolver?.kind === 'references' ? bindReference(context, column, resolver, type) : null;
  const checks = valueChecks(context, column, spec, type);
  if (checks === null) return null;
  const waits = reference?.parents.some(({ isLate }) => isLate) === true;
  return {
    column,
    at,
    volatile: bound.volatile,
    make: {
      kind: 'value',
      spec,
      origin: bound.origin,
      checks: waits ? checks : withNotNull(column, checks),
      keyTypes: resolver === null || reference !== null || type === null ? [] : [type],
      reference,
    },
  };
}

/** What to check of a made value; null, and a problem, where its type does not go into the column. */
function valueChecks(
  context: Context,
  column: TableColumn,
  spec: ColumnSpec,
  type: BaseType | null,
): readonly Check[] | null {
  const { resolver } = spec;
  if (resolver?.kind === 'references') return [];
  const keeps = resolver?.kind === 'map' && resolver.unmapped.kind === 'keep';
  const isResult = resolver !== null && !keeps;
  if (isResult || type === null || column.type.kind === 'enum') return checksOf(column);
  const how = assignBase(type, column);
  if (how.how !== 'demand') return how.checks;
  const at = resolver?.at ?? spec.steps.at(-1)?.at ?? spec.origin.at;
  context.problem(
    'ETL-BIND-007',
    at,
    `the value is ${type}, "${column.name}" is ${column.type.display}`,
    how.help,
  );
  return null;
}

/** The one column or expression that an origin reads; `none` where it is something else. */
function plainRead(
  context: Context,
  origin: Origin,
): { readonly column: ResultColumn; readonly sql: string | null } | 'none' | null {
  if (origin.kind === 'sql') {
    const described = context.sides.shape.expressions.get(origin.sql.value);
    return described === undefined ? null : { column: described, sql: origin.sql.value };
  }
  const [name] = origin.kind === 'source' ? origin.columns : [];
  if (origin.kind !== 'source' || name === undefined || origin.columns.length !== 1) return 'none';
  const column = context.sourceColumn(name);
  return column === null ? null : { column, sql: null };
}

/** `"*": same_name`, and the whole of a plain copy: every target column not listed that the source has too. */
export function bindSameNames(context: Context, at: Position): void {
  const listed = new Set(context.columns.map((c) => c.column.name));
  for (const spec of context.sides.mapping.columns) listed.add(spec.column.value);
  const { identity } = context.sides.mapping.target;
  // Who says how the identity is made wants it from nowhere else.
  if (identity?.strategy != null && identity.strategy.value !== 'mapped') listed.add(identity.column.value);
  for (const column of context.sides.table.columns) {
    const source = context.fields.column(column.name);
    if (source === undefined || column.generated || listed.has(column.name)) continue;
    const bound = bindPlain(context, column, { column: source, sql: null }, at);
    if (bound !== null) context.columns.push(bound);
  }
}
