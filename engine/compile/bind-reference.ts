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
    parents: resolver.parents.map((parent) => bindParent(context, column, resolver, parent, type)),
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
  resolver: References,
  parent: Parent,
  type: BaseType | null,
): BoundParent {
  const isLate = context.opened.some(
    (opened) => opened.column === column.name && opened.to === parent.mapping.value,
  );
  const other = context.all.get(parent.mapping.value);
  if (other === undefined) return { keyTypes: [], yields: null, asText: false, isLate };
  const several = resolver.parents.length > 1 || resolver.switch !== null;
  const { yields, asText } = boundYield(context, column, parent, { other, several });
  return { keyTypes: keyTypes(context, parent, other, type), yields, asText, isLate };
}

/** Types whose text says all of a value, so that a column of text may hold it. */
const TEXTUAL: ReadonlySet<BaseType> = new Set(['integer', 'numeric', 'uuid', 'text']);

/** Whether a column of text takes the text of a value: of an `object_id` beside the `content_type` that says whose it is. */
const takesText = ({ type }: TableColumn, from: BaseType): boolean =>
  (type.name === 'text' || type.name === 'varchar') && TEXTUAL.has(from);

/**
 * The target column that a parent gives, where it is another one than what its rows are found by.
 * @param several the column may lead to several mappings
 */
function boundYield(
  context: Context,
  column: TableColumn,
  parent: Parent,
  { other, several }: { readonly other: Sides; readonly several: boolean },
): Pick<BoundParent, 'yields' | 'asText'> {
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
    return { yields: null, asText: false };
  }
  const asText = given.type.base !== column.type.base && several && takesText(column, given.type.base);
  if (given.type.base !== column.type.base && !asText) {
    context.problem(
      'ETL-BIND-012',
      mapping.at,
      `"${mapping.value}" gives ${given.type.display} ("${given.name}"), "${column.name}" is ${column.type.display}`,
      'reference the mapping that loads the table which this column points at, or name another column with yields',
    );
  }
  const handle = handleColumns(other);
  return { yields: handle.length === 1 && handle[0] === given.name ? null : given.name, asText };
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
