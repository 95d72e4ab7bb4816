import type { GraphNode, ProjectGraph } from '../../engine/contract/graph.js';

/** All edges between two mappings, drawn as one arrow. */
export interface Arrow {
  /** What is needed: rows flow from it. */
  readonly tail: string;
  readonly head: string;
  /** The columns that declare it. */
  readonly label: string;
  /** Every way between the two is closed by a second pass. */
  readonly dashed: boolean;
}

/** Columns that an arrow names. */
const NAMED = 3;

export function arrowsOf({ edges }: ProjectGraph): readonly Arrow[] {
  const groups = new Map<string, ProjectGraph['edges'][number][]>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.from, edge.to]);
    groups.set(key, [...(groups.get(key) ?? []), edge]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = [...new Set(group.map(({ column, kind }) => column ?? kind))];
    const more = names.length > NAMED ? ', …' : '';
    return [
      {
        tail: first.to,
        head: first.from,
        label: names.slice(0, NAMED).join(', ') + more,
        dashed: group.every((edge) => edge.second_pass),
      },
    ];
  });
}

/** The mappings of each phase, in running order; null where a project has none. */
export function byPhase({ mappings }: ProjectGraph): ReadonlyMap<string | null, readonly GraphNode[]> {
  const phases = new Map<string | null, GraphNode[]>();
  for (const node of mappings) phases.set(node.phase, [...(phases.get(node.phase) ?? []), node]);
  return phases;
}
