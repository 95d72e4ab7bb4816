import type { TableColumn } from '../contract/catalogue.js';
import type { BoundParent, BoundReference } from '../contract/compiled.js';
import type { Parent, References } from '../contract/mapping.js';
import type { BaseType } from '../contract/value.js';
import { isNumber } from '../resolve/value-map.js';
import type { Context, Sides } from './context.js';
import { handleColumns, referenceColumns, sourceKey } from './identity.js';

/**
 * Binds a column's reference to the mappings that it may lead to; problems where one of them gives a value of
 * another type than the column's, or no single one.
 * @param type of the value that is looked up, where it is one
 */
export function bindReference(
  context: Context,
  column: TableColumn,
  resolver: References,
  type: BaseType | null,
): BoundReference {
  return {
    parents: resolver.parents.map((parent) => bindParent(context, column, parent, type)),
    switch: bindSwitch(context, resolver),
  };
}

function bindSwitch(context: Context, { switch: name }: References): BoundReference['switch'] {
  const column = name === null ? null : context.sourceColumn(name);
  if (column === null) return null;
  const field = context.fields.value(column);
  return { field, type: context.fields.list[field]?.type.base ?? 'text' };
}

function bindParent(
  context: Context,
  column: TableColumn,
  parent: Parent,
  type: BaseType | null,
): BoundParent {
  const isLate = context.opened.some(
    (opened) => opened.column === column.name && opened.to === parent.mapping.value,
  );
  const other = context.all.get(parent.mapping.value);
  if (other === undefined) return { keyTypes: [], yields: null, isLate };
  const yields = boundYield(context, column, parent, other);
  return { keyTypes: keyTypes(context, parent, other, type), yields, isLate };
}

/** The target column that a parent gives, where it is another one than what its rows are found by. */
function boundYield(context: Context, column: TableColumn, parent: Parent, other: Sides): string | null {
  const { mapping } = parent;
  const columns = parent.yields === null ? referenceColumns(other) : [parent.yields.value];
  const [name] = columns;
  const given = other.table.columns.find((c) => c.name === name);
  if (columns.length !== 1 || given === undefined) {
    context.problem(
      'ETL-BIND-012',
      parent.yields?.at ?? mapping.at,
      columns.length === 1
        ? `"${other.table.name}" has no column "${name ?? ''}"`
        : `"${mapping.value}" is identified by ${String(columns.length)} columns`,
      'name the column that is wanted with yields',
    );
    return null;
  }
  if (given.type.base !== column.type.base) {
    context.problem(
      'ETL-BIND-012',
      mapping.at,
      `"${mapping.value}" gives ${given.type.display} ("${given.name}"), "${column.name}" is ${column.type.display}`,
      'reference the mapping that loads the table which this column points at, or name another column with yields',
    );
  }
  const handle = handleColumns(other);
  return handle.length === 1 && handle[0] === given.name ? null : given.name;
}

function keyTypes(
  context: Context,
  { mapping, by }: Parent,
  other: Sides,
  type: BaseType | null,
): readonly BaseType[] {
  const keys = by === null ? sourceKey(other) : [by.value];
  return keys.map((key) => {
    const found = other.shape.columns.find((c) => c.name === key);
    if (found === undefined && by !== null) {
      const message = `the source of "${mapping.value}" has no column "${key}"`;
      context.problem('ETL-BIND-003', by.at, message);
    }
    const base = found?.type.base ?? 'text';
    // A number in search of a text: 7.00 finds 7.
    return keys.length === 1 && base === 'text' && type !== null && isNumber(type) ? type : base;
  });
}
