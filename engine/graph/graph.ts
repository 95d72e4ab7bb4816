/** An arrow of a directed graph: `from` needs `to`. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

/**
 * The strongly connected components (Tarjan 1972), each after all that it needs; so their concatenation is an
 * order of execution where no component has more than one node. Ties keep the order of `nodes`.
 */
export function components(nodes: readonly string[], edges: readonly Edge[]): readonly (readonly string[])[] {
  const needs = new Map<string, string[]>(nodes.map((node) => [node, []]));
  for (const edge of edges) if (needs.has(edge.to)) needs.get(edge.from)?.push(edge.to);
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const found: (readonly string[])[] = [];

  const visit = (node: string): number => {
    const mine = index.size;
    let lowest = mine;
    index.set(node, mine);
    stack.push(node);
    onStack.add(node);
    for (const next of needs.get(node) ?? []) {
      const seen = index.get(next);
      if (seen === undefined) lowest = Math.min(lowest, visit(next));
      else if (onStack.has(next)) lowest = Math.min(lowest, seen);
    }
    low.set(node, lowest);
    if (lowest === mine) {
      const component = stack.splice(stack.indexOf(node));
      for (const member of component) onStack.delete(member);
      found.push(component);
    }
    return lowest;
  };
  for (const node of nodes) if (!index.has(node)) visit(node);
  return found;
}

/**
 * A shortest path from a node back to itself within one component, first node repeated at the end; by way of
 * another node where there is one.
 */
export function cyclePath(
  start: string,
  members: readonly string[],
  edges: readonly Edge[],
): readonly string[] {
  const inside = new Set(members);
  const came = new Map<string, string>();
  const queue = [start];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    for (const edge of edges) {
      if (edge.from !== node || !inside.has(edge.to)) continue;
      if (edge.to === node && inside.size > 1) continue;
      if (edge.to === start) {
        const path = [start];
        for (let at = node; at !== start; at = came.get(at) ?? start) path.unshift(at);
        return [start, ...path];
      }
      if (!came.has(edge.to)) {
        came.set(edge.to, node);
        queue.push(edge.to);
      }
    }
  }
  return [start];
}

/** Everything that the given nodes need, directly or not, without themselves unless they are in a circle. */
export function reachable(starts: readonly string[], edges: readonly Edge[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const queue = [...starts];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const edge of edges) {
      if (edge.from !== node || seen.has(edge.to)) continue;
      seen.add(edge.to);
      queue.push(edge.to);
    }
  }
  return seen;
}
