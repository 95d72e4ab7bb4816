import type { ProjectGraph } from '../../engine/contract/graph.js';
import { arrowsOf, byPhase, outsideOf, type Arrow } from './arrows.js';

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', ' ')}"`;

/** Beyond so many mappings labels of arrows would hide the graph; tooltips keep them. */
const LABELLED = 60;

/**
 * Beyond so many mappings the arrows between two phases are drawn as one: 800 arrows across 400 mappings take a minute and
 * show nothing.
 */
const JOINED = 120;

/** One arrow for all from one phase to another, with their number; between anchors that nobody sees. */
function joined(graph: ProjectGraph): {
  readonly anchors: readonly string[];
  readonly arrows: readonly string[];
  readonly drawn: readonly Arrow[];
} {
  const phaseOf = new Map(graph.mappings.map(({ mapping, phase }) => [mapping, phase]));
  const phases = [...byPhase(graph).keys()];
  const all = arrowsOf(graph);
  const isWithin = ({ tail, head }: Arrow): boolean => phaseOf.get(tail) === phaseOf.get(head);
  if (graph.mappings.length <= JOINED || phases.length < 2) return { anchors: [], arrows: [], drawn: all };
  const counts = new Map<string, number>();
  for (const arrow of all) {
    if (isWithin(arrow)) continue;
    const way = [arrow.tail, arrow.head].map((name) => phases.indexOf(phaseOf.get(name) ?? null)).join(' ');
    counts.set(way, (counts.get(way) ?? 0) + 1);
  }
  const arrows = [...counts].map(([way, count]) => {
    const [from = '', to = ''] = way.split(' ');
    const ends = `ltail=cluster_${from}, lhead=cluster_${to}, penwidth=${String(Math.min(6, 1 + Math.log10(count) * 2))}`;
    return `anchor_${from} -> anchor_${to} [label=${quote(String(count))}, ${ends}];`;
  });
  const anchors = phases.map((_, n) => `anchor_${String(n)} [shape=point, style=invis, width=0, label=""];`);
  return { anchors, arrows, drawn: all.filter(isWithin) };
}

/** Graphviz' own language: phases as clusters, from what is needed to what needs it; second passes are dashed. */
export function graphDot(graph: ProjectGraph): string {
  const small = graph.mappings.length <= LABELLED;
  const { anchors, arrows: between, drawn } = joined(graph);
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
    const anchor = anchors[n];
    const inner = anchor === undefined ? lines : [anchor, ...lines];
    return [...head, ...inner.map((line) => `  ${line}`), '}'];
  });
  const arrows = drawn.map(({ tail, head, label, dashed }) => {
    const shown = small ? `label=${quote(label)}, ` : '';
    const style = dashed ? ', style=dashed, constraint=false' : '';
    return `${quote(tail)} -> ${quote(head)} [${shown}tooltip=${quote(label)}${style}];`;
  });
  // A colon keeps their names from being a mapping's.
  const outside = outsideOf(graph).flatMap(({ name, arrows: uses }) => [
    `${quote(`outside:${name}`)} [label=${quote(name)}, shape=cylinder, style=dashed, tooltip=${quote(`${name}: no mapping loads it`)}];`,
    ...uses.map(
      ({ head, label }) =>
        `${quote(`outside:${name}`)} -> ${quote(head)} [${small ? `label=${quote(label)}, ` : ''}tooltip=${quote(label)}];`,
    ),
  ]);
  return [
    'digraph mappings {',
    '  rankdir=LR; compound=true; bgcolor="transparent"; fontname="sans-serif"; nodesep=0.15;',
    '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=11, height=0.3];',
    '  edge [fontname="sans-serif", fontsize=9, color="#777777", fontcolor="#777777"];',
    ...[...nodes, ...arrows, ...between, ...outside].map((line) => `  ${line}`),
    '}',
  ].join('\n');
}
