import type { Mapping } from '../contract/mapping.js';
import type { Context, Sides } from './context.js';

/** The other mappings of the project that load the same table, selected or not. */
export function sharedWith(
  { mapping, table }: Sides,
  mappings: readonly Mapping[],
  all: ReadonlyMap<string, Sides>,
): readonly Mapping[] {
  const bare = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
  return mappings.filter((other) => {
    if (other.name === mapping.name) return false;
    const bound = all.get(other.name);
    if (bound !== undefined) return bound.table.oid === table.oid;
    return bare(other.target.table.value) === bare(mapping.target.table.value);
  });
}

/** What is said of a mapping's table as a whole must be in the role's power, and said alike by all who load it. */
export function checkShared(context: Context, others: readonly Mapping[]): void {
  const { mapping, table } = context.sides;
  const { triggers } = mapping.target;
  if (triggers.value === 'disable' && !table.owned) {
    context.problem(
      'ETL-BIND-031',
      triggers.at,
      `the triggers of "${table.name}" cannot be disabled: the target role does not own the table`,
      `as its owner: alter table ${table.schema}.${table.name} owner to …, or grant the owner's role to this one; or write triggers: keep`,
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
