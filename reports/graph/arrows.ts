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
    return [
      {
        tail: first.to,
        head: first.from,
        label: labelOf(names),
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

/** A table that no mapping loads, with the mappings that look into it. */
export interface Outside {
  /** Its name; with the connection before it where that is not the source. */
  readonly name: string;
  readonly arrows: readonly Omit<Arrow, 'tail'>[];
}

export function outsideOf({ outside }: ProjectGraph): readonly Outside[] {
  const tables = new Map<string, Map<string, string[]>>();
  for (const { connection, table, mapping, column } of outside) {
    const name = connection === 'source' ? table : `${connection}: ${table}`;
    const users = tables.get(name) ?? new Map<string, string[]>();
    tables.set(name, users.set(mapping, [...(users.get(mapping) ?? []), column]));
  }
  return [...tables].map(([name, users]) => ({
    name,
    arrows: [...users].map(([head, columns]) => ({ head, label: labelOf(columns), dashed: false })),
  }));
}

const labelOf = (names: readonly string[]): string =>
  names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ', …' : '');
