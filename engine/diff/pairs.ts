import type { Mapping } from '../contract/mapping.js';
import { referredTo } from '../contract/references.js';
import type { SqlTrees } from '../sql/index.js';
import { queryOf } from './table/query.js';
import type { Side } from './side.js';

/** A mapping on both sides; null where it is not there. */
export interface Pair {
  readonly base: Mapping | null;
  readonly head: Mapping | null;
}

export interface Pairs {
  /** In the order of head's names, then those that are gone. */
  readonly pairs: readonly Pair[];
  /** Base's names that are others in head. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** Mappings of one name belong together; of those left over, those with one source and one target: these were renamed. */
export function pairMappings(base: Side, head: Side, sql: SqlTrees): Pairs {
  const gone = base.project.mappings.filter(({ name }) => !head.mappings.has(name));
  const renamed = new Map<string, string>();
  const pairs = head.project.mappings.map((mapping): Pair => {
    const own = base.mappings.get(mapping.name);
    if (own !== undefined) return { base: own, head: mapping };
    const old = gone.find((one) => !renamed.has(one.name) && isSame(one, mapping, sql)) ?? null;
    if (old !== null) renamed.set(old.name, mapping.name);
    return { base: old, head: mapping };
  });
  const left = gone
    .filter(({ name }) => !renamed.has(name))
    .map((mapping): Pair => ({ base: mapping, head: null }));
  return { pairs: [...pairs, ...left], renamed };
}

const isSame = (one: Mapping, other: Mapping, sql: SqlTrees): boolean =>
  one.target.table.value === other.target.table.value &&
  one.source.connection.value === other.source.connection.value &&
  sql.same(queryOf(one), queryOf(other), false);

/** A mapping of base as it would be if the others had had their new names already. */
export function withNewNames(mapping: Mapping, renamed: ReadonlyMap<string, string>): Mapping {
  const names = [...mapping.dependsOn.map(({ value }) => value), ...referredTo(mapping)];
  if (!names.some((name) => renamed.has(name))) return mapping;
  const now = <T extends { readonly value: string }>(name: T): T => ({
    ...name,
    value: renamed.get(name.value) ?? name.value,
  });
  return {
    ...mapping,
    dependsOn: mapping.dependsOn.map(now),
    columns: mapping.columns.map((column) =>
      column.resolver?.kind !== 'references'
        ? column
        : {
            ...column,
            resolver: {
              ...column.resolver,
              parents: column.resolver.parents.map((parent) => ({ ...parent, mapping: now(parent.mapping) })),
            },
          },
    ),
  };
}
