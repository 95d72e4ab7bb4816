import type { DashboardGraph } from '../../contract/dashboard.js';
import type { GraphNode, ProjectGraph } from '../../contract/graph.js';
import { graphSvg } from '../../../reports/graph/svg.js';
import type { Site } from '../site.js';

/** Drawings that are kept: Graphviz takes a second for each. */
const MOST = 8;

/** A mapping of a run, and its phase. */
interface Placed {
  readonly mapping: string;
  readonly phase: string | null;
}

/** Graphs as they were drawn, by what is in them. */
export class Drawings {
  private readonly known = new Map<string, Promise<string>>();

  constructor(private readonly site: Site) {}

  /**
   * The mappings of a run and how they hang together, as the files are now, with the tables outside that they look into; where
   * the files do not load, who is there.
   */
  async of(mappings: readonly Placed[]): Promise<DashboardGraph> {
    const files = await this.site.files();
    const steps = mappings.map(({ mapping, phase }) => ({ mapping, phase }));
    const id = JSON.stringify([files.project === null ? null : files.hash, steps]);
    let drawing = this.known.get(id);
    if (drawing === undefined) {
      if (this.known.size >= MOST) this.known.clear();
      const graph = files.project === null ? NOTHING : await this.site.graphOf(files.project);
      drawing = draw(steps, graph);
      this.known.set(id, drawing);
      drawing.catch(() => this.known.delete(id));
    }
    return { svg: await drawing };
  }
}

async function draw(steps: readonly Placed[], graph: ProjectGraph): Promise<string> {
  const drawn = new Set(steps.map(({ mapping }) => mapping));
  const known = new Map(graph.mappings.map((node) => [node.mapping, node]));
  const svg = await graphSvg({
    mappings: steps.map(({ mapping, phase }) => known.get(mapping) ?? strangerNode(mapping, phase)),
    edges: graph.edges.filter(({ from, to }) => drawn.has(from) && drawn.has(to)),
    outside: graph.outside.filter(({ mapping }) => drawn.has(mapping)),
    lineage: [],
  });
  return named(svg);
}

const NOTHING: ProjectGraph = { mappings: [], edges: [], outside: [], lineage: [] };

const strangerNode = (mapping: string, phase: string | null): GraphNode => ({
  ...{ mapping, phase, description: '', tags: [], source: '', target: '', file: '', line: 1, selected: true },
});

/** Graphviz names a node in its title, escaped as XML wants it, in an attribute as well: a mapping's, or a table's outside. */
const named = (svg: string): string =>
  svg.replace(
    /<g (id="node\d+" class="node")>\s*<title>([^<]*)<\/title>/g,
    (_all, own: string, title: string) => {
      const [, table] = /^outside:(.*)$/s.exec(title) ?? [];
      const [attribute, name] = table === undefined ? ['mapping', title] : ['outside', table];
      return `<g ${own} data-${attribute}="${name.replaceAll('"', '&quot;')}"><title>${title}</title>`;
    },
  );
