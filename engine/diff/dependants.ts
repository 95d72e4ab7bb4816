import type { Dependant } from '../contract/diff.js';
import type { Mapping, Missing } from '../contract/mapping.js';
import type { Reach } from './table/verdict.js';

/** One way by which a mapping's rows hang on another's. */
interface Hanging extends Dependant {
  /** What the column takes of the other's target row; null for what its rows are found by. */
  readonly yields: string | null;
  readonly missing: Missing;
}

/** All ways in a project: references, and look-ups on tables that it loads. */
function hangingIn(mappings: readonly Mapping[]): readonly Hanging[] {
  return mappings.flatMap((mapping) =>
    mapping.columns.flatMap(({ column, resolver }): readonly Hanging[] => {
      const own = { mapping: mapping.name, column: column.value };
      if (resolver?.kind === 'references') {
        return resolver.parents.map(({ mapping: to, yields }) => ({
          ...own,
          ...{ to: to.value, yields: yields?.value ?? null, missing: resolver.missing },
        }));
      }
      const from = resolver?.kind === 'lookup' ? resolver.lookup.from : null;
      if (resolver?.kind !== 'lookup' || from?.kind !== 'table' || from.connection.value !== 'target')
        return [];
      return mappings
        .filter(({ name, target }) => name !== mapping.name && target.table.value === from.table.value)
        .flatMap(({ name }) =>
          [from.key.value, from.value.value].map((yields) => ({
            ...own,
            to: name,
            yields,
            missing: resolver.missing,
          })),
        );
    }),
  );
}

/** The columns by which a mapping's rows are found, which references to it yield. */
const handleOf = ({ target }: Mapping): readonly string[] =>
  target.identity === null ? target.key.map(({ value }) => value) : [target.identity.column.value];

/**
 * The mappings whose rows hang on a change of one, each once, in the order in which they are found. A change of keys
 * goes on where the reference is part of the keys itself; rows that come or go take along those that a missing reference
 * rejects.
 */
export function dependantsOf(
  name: string,
  change: { readonly reach: Reach; readonly column: string | null },
  mappings: readonly Mapping[],
): readonly Dependant[] {
  const byName = new Map(mappings.map((mapping) => [mapping.name, mapping]));
  const ways = hangingIn(mappings);
  const found = new Map<string, Hanging>();
  const queue: (typeof change & { readonly name: string })[] = [{ ...change, name }];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const { reach, column, name: to } = at;
    if (reach === 'none') continue;
    for (const way of ways) {
      if (way.to !== to || way.mapping === name || found.has(way.mapping)) continue;
      // A value of no column in particular may be any of those that are yielded.
      if (reach === 'value' && (way.yields === null || (column !== null && way.yields !== column))) continue;
      found.set(way.mapping, way);
      const other = byName.get(way.mapping);
      const isKey = way.column !== null && other !== undefined && handleOf(other).includes(way.column);
      const next: Reach = isKey
        ? 'identity'
        : reach === 'rows' && way.missing === 'reject'
          ? 'rows'
          : 'value';
      queue.push({ name: way.mapping, reach: next, column: way.column });
    }
  }
  return [...found.values()].map(({ mapping, to, column }) => ({ mapping, to, column }));
}
