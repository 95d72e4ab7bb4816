import type { Position, Problem } from '../contract/problem.js';
import { cyclePath } from './graph.js';
import type { Edge } from './graph.js';

/** An arrow with its place in the files; `column` is null for `depends_on`. */
export interface PlacedEdge extends Edge {
  readonly column: string | null;
  readonly at: Position;
}

/** The problem of a circle: its path, and each of its edges with file and line; marked at the first edge. */
export function circleProblem(
  circle: readonly string[],
  edges: readonly PlacedEdge[],
  words: { readonly what: string; readonly help: string },
): Problem {
  const path = cyclePath(circle[0] ?? '', circle, edges);
  const trail = path.slice(1).flatMap((to, n) => {
    const edge = edges.find((each) => each.from === path[n] && each.to === to);
    return edge === undefined ? [] : [edge];
  });
  const [first] = trail;
  const related = trail.map(({ from, to, column, at }) => ({
    at,
    message: `${from}.${column ?? 'depends_on'} needs ${to}`,
  }));
  return {
    code: 'ETL-BIND-014',
    severity: 'error',
    message: `${words.what} in a circle: ${path.join(' → ')}`,
    ...(first === undefined ? {} : { at: first.at }),
    help: words.help,
    related,
  };
}
