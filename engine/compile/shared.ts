import type { Mapping } from '../contract/mapping.js';
import type { Position } from '../contract/problem.js';
import { bareTable } from '../contract/table-name.js';
import type { Context, Sides } from './context.js';
import { quoteWhole } from './shape.js';

/** The other mappings of the project that load the same table, selected or not. */
export function sharedWith(
  { mapping, table }: Sides,
  mappings: readonly Mapping[],
  all: ReadonlyMap<string, Sides>,
): readonly Mapping[] {
  return mappings.filter((other) => {
    if (other.name === mapping.name) return false;
    const bound = all.get(other.name);
    if (bound !== undefined) return bound.table.oid === table.oid;
    return bareTable(other.target.table.value) === bareTable(mapping.target.table.value);
  });
}

/** Whether two mappings of one table fill different columns of its rows. */
export const mergesWith = ({ target }: Mapping, other: Mapping): boolean =>
  target.merge !== null && other.target.merge !== null;

/** Columns of the row that a mapping finds it by, or that are its identity. */
const keyColumns = ({ target }: Mapping): ReadonlySet<string> =>
  new Set([
    ...target.key.map(({ value }) => value),
    ...(target.identity === null ? [] : [target.identity.column.value]),
  ]);

/** What a mapping writes, with the place: the listed columns, and those of `"*": same_name`. */
function writtenColumns({ mapping, table, shape }: Sides): ReadonlyMap<string, Position> {
  const star = mapping.plainCopy ? mapping.at : mapping.sameName;
  const sources = new Set(shape.columns.map(({ name }) => name));
  const same = table.columns.filter(({ name, generated }) => !generated && sources.has(name));
  return new Map([
    ...(star === null ? [] : same.map(({ name }) => [name, star] as const)),
    ...mapping.columns.map(({ column }) => [column.value, column.at] as const),
  ]);
}

/** Of mappings that fill one row, no two may write a column, and who makes the row first must be able to. */
function checkMerge(context: Context, other: Mapping, isBefore: (mapping: string) => boolean): void {
  const { mapping, table } = context.sides;
  const own = writtenColumns(context.sides);
  const sides = context.all.get(other.name);
  const theirs =
    sides === undefined
      ? new Map(other.columns.map(({ column }) => [column.value, column.at] as const))
      : writtenColumns(sides);
  const keys = [keyColumns(mapping), keyColumns(other)];
  for (const [name, at] of own) {
    const there = theirs.get(name);
    if (there === undefined || keys.every((key) => key.has(name))) continue;
    const place = `${there.file}:${String(there.line)}`;
    // Told once, at the second one.
    if (mapping.name < other.name && sides !== undefined) continue;
    context.problem(
      'ETL-BIND-030',
      at,
      `"${name}" of "${table.name}" is filled by the mapping "${other.name}" too (${place}): of one row each fills other columns`,
      'leave it to one of them',
    );
  }
  for (const column of table.columns) {
    const { name } = column;
    if (!column.notNull || column.hasDefault || column.generated) continue;
    if (own.has(name) || !theirs.has(name) || keyColumns(mapping).has(name) || isBefore(other.name)) continue;
    context.problem(
      'ETL-BIND-006',
      mapping.target.table.at,
      `"${name}" of "${table.name}" is not null, has no default, and only "${other.name}" fills it: that one must make the row first`,
      `add depends_on: [${other.name}]`,
    );
  }
}

/**
 * What is said of a mapping's table as a whole must be in the role's power, and said alike by all who load it.
 * @param isBefore whether a mapping is loaded before this one whatever else there is
 */
export function checkShared(
  context: Context,
  others: readonly Mapping[],
  isBefore: (mapping: string) => boolean,
): void {
  const { mapping, table } = context.sides;
  for (const one of others) if (mergesWith(mapping, one)) checkMerge(context, one, isBefore);
  const { triggers } = mapping.target;
  if (triggers.value === 'disable' && !table.owned) {
    context.problem(
      'ETL-BIND-031',
      triggers.at,
      `the triggers of "${table.name}" cannot be disabled: the target role does not own the table`,
      `alter table ${quoteWhole(table.schema)}.${quoteWhole(table.name)} owner to ${quoteWhole(table.role)} -- or write triggers: keep`,
    );
  }
  const other = others.find(({ target }) => target.triggers.value !== triggers.value);
  if (triggers.value === 'keep' || other === undefined) return;
  const { at } = other.target;
  context.problem(
    'ETL-BIND-030',
    triggers.at,
    `the mapping "${other.name}" (${at.file}:${String(at.line)}) keeps the triggers of "${table.name}", this one disables them`,
    'let both say the same: they may be at work at the same time',
  );
}
