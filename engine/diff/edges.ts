import type { ChangedEdge } from '../contract/diff.js';
import type { GraphEdge } from '../contract/graph.js';
import type { Mapping, Project } from '../contract/mapping.js';
import { outline } from '../compile/outline.js';

/** The arrows of the graph that one side has and the other has not; columns that refer by name are told apart. */
export function changedEdges(
  base: Project,
  head: Project,
  renamed: ReadonlyMap<string, string>,
): { readonly appear: readonly ChangedEdge[]; readonly vanish: readonly ChangedEdge[] } {
  const now = (name: string): string => renamed.get(name) ?? name;
  const before = edgesOf(base).map((edge) => ({ ...edge, from: now(edge.from), to: now(edge.to) }));
  const after = edgesOf(head);
  const [old, fresh] = [before, after].map((edges) => new Set(edges.map(idOf)));
  return {
    appear: after.filter((edge) => old?.has(idOf(edge)) === false),
    vanish: before.filter((edge) => fresh?.has(idOf(edge)) === false),
  };
}

const idOf = ({ kind, from, to, column }: ChangedEdge): string => JSON.stringify([kind, from, to, column]);

const edgesOf = (project: Project): readonly ChangedEdge[] =>
  outline(project, new Set(project.mappings.map(({ name }: Mapping) => name))).edges.map(
    ({ kind, from, to, column, file, line }: GraphEdge) => ({
      ...{ kind, from, to, column },
      at: { file, line, column: 1, length: 1 },
    }),
  );
