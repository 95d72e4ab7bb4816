import type { Mapping } from '../contract/mapping.js';
import type { Position } from '../contract/problem.js';
import { components, type Edge } from '../graph/graph.js';
import type { OpenableEdge } from '../graph/open.js';
import type { Sides } from './context.js';
import { identityStrategy } from './identity.js';
import { mergesWith, sharedWith } from './shared.js';

/** Identities that no other mapping's rows can have. */
const OWN: ReadonlySet<string | null> = new Set(['sequence', 'uuid5', 'uuid7', 'database']);

/** Whether which of two mappings' rows stays may depend on which comes first: they fill one row, or one is unique. */
function mayMeet(sides: readonly [Sides, Sides]): boolean {
  const [{ mapping, table }, other] = sides;
  if (mergesWith(mapping, other.mapping) || table.keptApartBy !== null) return true;
  const isOwn = (one: Sides, column: string | undefined): boolean => {
    const { identity } = one.mapping.target;
    const found = one.table.columns.find(({ name }) => name === identity?.column.value);
    return found !== undefined && found.name === column && OWN.has(identityStrategy(one, found));
  };
  return table.uniques.some(
    ([first, ...more]) => more.length > 0 || !sides.every((one) => isOwn(one, first)),
  );
}

/**
 * Dependencies by which mappings whose rows may meet in one table come one after the other, in the order in which the
 * others let them: no run depends on luck.
 * @param edges those that there are besides, without circles
 */
export function oneAfterTheOther(
  loaded: readonly Mapping[],
  phases: readonly string[],
  all: ReadonlyMap<string, Sides>,
  edges: readonly Edge[],
): readonly (OpenableEdge & { readonly column: null; readonly at: Position })[] {
  const order = components(
    loaded.map(({ name }) => name),
    edges,
  ).flat();
  const phaseOf = ({ phase }: Mapping): number => phases.indexOf(phase ?? '');
  const sorted = [...loaded].sort(
    (a, b) => phaseOf(a) - phaseOf(b) || order.indexOf(a.name) - order.indexOf(b.name),
  );
  return sorted.flatMap((mapping, n) => {
    const sides = all.get(mapping.name);
    const before = sides === undefined ? [] : sharedWith(sides, sorted.slice(0, n), all);
    return before.flatMap(({ name }) => {
      const other = all.get(name);
      if (sides === undefined || other === undefined || !mayMeet([sides, other])) return [];
      const at = mapping.target.merge ?? mapping.at;
      return [{ from: mapping.name, to: name, column: null, at, openable: false }];
    });
  });
}
