import { components, type Edge } from './graph.js';

/** An edge that may be opened: its end is filled in by a second pass when both nodes are done. */
export interface OpenableEdge extends Edge {
  readonly openable: boolean;
  /** Opening it is dearer than opening another: rows may have to be taken back. */
  readonly dear?: boolean;
}

/**
 * Opens edges until no circle is left; an edge from a node to itself is opened whenever it may be.
 * In each circle the edge goes whose removal leaves the fewest nodes in circles, of those that are not dear where
 * there are any; none is opened for nothing.
 * @returns the opened edges, and the circles that no edge could open
 */
export function openCycles<E extends OpenableEdge>(
  nodes: readonly string[],
  edges: readonly E[],
): { readonly opened: readonly E[]; readonly closed: readonly (readonly string[])[] } {
  const own = edges.filter((edge) => edge.from === edge.to && edge.openable);
  let opened: readonly E[] = [];
  let rest = edges.filter((edge) => edge.from !== edge.to);
  const closed: (readonly string[])[] = edges
    .filter((edge) => edge.from === edge.to && !edge.openable)
    .map((edge) => [edge.from]);
  const circles = (among: readonly E[]): readonly (readonly string[])[] =>
    components(nodes, among).filter((component) => component.length > 1);
  const inCircles = (among: readonly E[]): number => circles(among).reduce((sum, c) => sum + c.length, 0);

  for (let open = circles(rest); open.length > 0; open = circles(rest)) {
    const inside = open[0] ?? [];
    const candidates = rest.filter((e) => e.openable && inside.includes(e.from) && inside.includes(e.to));
    const best = candidates
      .map((edge) => ({ edge, left: inCircles(rest.filter((e) => e !== edge)) }))
      .sort((a, b) => Number(a.edge.dear === true) - Number(b.edge.dear === true) || a.left - b.left)[0];
    if (best === undefined) {
      closed.push(inside);
      rest = rest.filter((e) => !(inside.includes(e.from) && inside.includes(e.to)));
    } else {
      opened = [...opened, best.edge];
      rest = rest.filter((e) => e !== best.edge);
    }
  }
  // An edge that was opened early may be needless since a later one was.
  for (const edge of opened) {
    if (circles([...rest, edge]).length > 0) continue;
    rest = [...rest, edge];
    opened = opened.filter((e) => e !== edge);
  }
  return { opened: [...own, ...opened], closed };
}
