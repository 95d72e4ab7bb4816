import type { MappingResult, RunResult } from '../engine/contract/result.js';

/** The mappings of a run and how rows of one need those of another. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  readonly name: string;
  /** Null for a mapping that is referred to and was not part of the run. */
  readonly result: MappingResult | null;
}

/** From the mapping that is needed to the one that needs it. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** `pass`: the rows come together in a second pass. */
  readonly kind: 'before' | 'pass';
}

export function graphOf({ mappings }: RunResult): Graph {
  const ran = new Map(mappings.map((mapping) => [mapping.mapping, mapping]));
  const edges = mappings.flatMap(edgesTo);
  const names = new Set([...ran.keys(), ...edges.map(({ from }) => from)]);
  return { nodes: [...names].map((name) => ({ name, result: ran.get(name) ?? null })), edges };

  function edgesTo({ mapping, needs, references }: MappingResult): readonly GraphEdge[] {
    const others = new Set(references.map((reference) => reference.mapping));
    return [
      ...needs.map((from): GraphEdge => ({ from, to: mapping, kind: 'before' })),
      ...[...others]
        .filter((from) => !needs.includes(from))
        // Rows of a mapping outside of the run are there already.
        .map((from): GraphEdge => ({ from, to: mapping, kind: ran.has(from) ? 'pass' : 'before' })),
    ];
  }
}
