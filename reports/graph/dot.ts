import type { ProjectGraph } from '../../engine/contract/graph.js';
import { arrowsOf, byPhase } from './arrows.js';

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', ' ')}"`;

/** Beyond so many mappings labels of arrows would hide the graph; tooltips keep them. */
const LABELLED = 60;

/** Graphviz' own language: phases as clusters, from what is needed to what needs it; second passes are dashed. */
export function graphDot(graph: ProjectGraph): string {
  const small = graph.mappings.length <= LABELLED;
  const nodes = [...byPhase(graph)].flatMap(([phase, mappings], n) => {
    const lines = mappings.map(({ mapping, description, source, target, selected }) => {
      const tooltip = quote(`${source} → ${target}${description === '' ? '' : `: ${description}`}`);
      const style = selected ? '' : ', style="rounded,dashed"';
      return `${quote(mapping)} [tooltip=${tooltip}${style}];`;
    });
    if (phase === null) return lines;
    const head = [
      `subgraph cluster_${String(n)} {`,
      `  label=${quote(phase)}; color="#999999"; fontcolor="#666666";`,
    ];
    return [...head, ...lines.map((line) => `  ${line}`), '}'];
  });
  const arrows = arrowsOf(graph).map(({ tail, head, label, dashed }) => {
    const shown = small ? `label=${quote(label)}, ` : '';
    const style = dashed ? ', style=dashed, constraint=false' : '';
    return `${quote(tail)} -> ${quote(head)} [${shown}tooltip=${quote(label)}${style}];`;
  });
  return [
    'digraph mappings {',
    '  rankdir=LR; bgcolor="transparent"; fontname="sans-serif"; nodesep=0.15;',
    '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=11, height=0.3];',
    '  edge [fontname="sans-serif", fontsize=9, color="#777777", fontcolor="#777777"];',
    ...[...nodes, ...arrows].map((line) => `  ${line}`),
    '}',
  ].join('\n');
}
