import type { ProjectGraph } from '../../engine/contract/graph.js';
import { graphDot } from './dot.js';

/** The graph as one SVG that needs nothing else. Graphviz is loaded (as WebAssembly) when it is asked for. */
export async function graphSvg(graph: ProjectGraph): Promise<string> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  return graphviz.dot(graphDot(graph), 'svg');
}
