import type { ProjectGraph } from '../../engine/contract/graph.js';
import { arrowsOf, byPhase, outsideOf } from './arrows.js';

/** Text of a label: quotes and what Mermaid reads as markup become entities. */
const label = (text: string): string =>
  text.replace(/[#"<>&`\n]/g, (character) => `#${String(character.codePointAt(0))};`);

/** A flow chart in Mermaid, from what is needed to what needs it; second passes are dashed. */
export function graphMermaid(graph: ProjectGraph): string {
  const ids = new Map(graph.mappings.map(({ mapping }, n) => [mapping, `m${String(n)}`]));
  const id = (mapping: string): string => ids.get(mapping) ?? '';
  const nodes = [...byPhase(graph)].flatMap(([phase, mappings], n) => {
    const lines = mappings.map(({ mapping }) => `${id(mapping)}["${label(mapping)}"]`);
    if (phase === null) return lines;
    return [`subgraph p${String(n)}["${label(phase)}"]`, ...lines.map((line) => `  ${line}`), 'end'];
  });
  const arrows = arrowsOf(graph).map(
    ({ tail, head, label: columns, dashed }) =>
      `${id(tail)} ${dashed ? '-.->' : '-->'}|"${label(columns)}"| ${id(head)}`,
  );
  const outside = outsideOf(graph).flatMap(({ name, arrows: uses }, n) => [
    `o${String(n)}[("${label(name)}")]`,
    ...uses.map(({ head, label: columns }) => `o${String(n)} -->|"${label(columns)}"| ${id(head)}`),
  ]);
  const near = graph.mappings.filter(({ selected }) => !selected).map(({ mapping }) => id(mapping));
  const dim =
    near.length === 0 ? [] : ['classDef near stroke-dasharray: 3 3', `class ${near.join(',')} near`];
  return ['flowchart LR', ...[...nodes, ...arrows, ...outside, ...dim].map((line) => `  ${line}`)].join('\n');
}
