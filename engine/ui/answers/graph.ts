import type { DashboardGraph } from '../../contract/dashboard.js';
import type { GraphNode, ProjectGraph } from '../../contract/graph.js';
import { graphSvg } from '../../../reports/graph/svg.js';
import type { Desk } from '../desk.js';
import type { SeenRun } from './run.js';

/** The mappings of a run and how they hang together, as the files are now; where these do not load, who is there. */
export async function answerGraph(desk: Desk, { answer }: SeenRun): Promise<DashboardGraph> {
  const { project } = await desk.site.files();
  const graph = project === null ? NOTHING : desk.site.graphOf(project);
  const drawn = new Set(answer.mappings.map(({ mapping }) => mapping));
  const known = new Map(graph.mappings.map((node) => [node.mapping, node]));
  const svg = await graphSvg({
    mappings: answer.mappings.map(
      (step) => known.get(step.mapping) ?? strangerNode(step.mapping, step.phase),
    ),
    edges: graph.edges.filter(({ from, to }) => drawn.has(from) && drawn.has(to)),
    outside: [],
    lineage: [],
  });
  return { svg: named(svg) };
}

const NOTHING: ProjectGraph = { mappings: [], edges: [], outside: [], lineage: [] };

const strangerNode = (mapping: string, phase: string | null): GraphNode => ({
  ...{ mapping, phase, description: '', tags: [], source: '', target: '', file: '', line: 1, selected: true },
});

/** Graphviz names a node in its title, escaped as XML wants it, in an attribute as well. */
const named = (svg: string): string =>
  svg.replace(
    /<g (id="node\d+" class="node")>\s*<title>([^<]*)<\/title>/g,
    (_all, own: string, title: string) => {
      const name = title.replaceAll('"', '&quot;');
      return `<g ${own} data-mapping="${name}"><title>${title}</title>`;
    },
  );
