import { writeFile } from 'node:fs/promises';
import { outline } from '../../compile/outline.js';
import type { ProjectGraph } from '../../contract/graph.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import { suggest } from '../../contract/suggest.js';
import { graphDot } from '../../../reports/graph/dot.js';
import { graphLineage } from '../../../reports/graph/lineage.js';
import { graphMermaid } from '../../../reports/graph/mermaid.js';
import { graphSvg } from '../../../reports/graph/svg.js';
import { readSources } from '../graph/reading.js';
import { out, type Output } from '../io.js';
import { edgesOf, readProject, selectMappings, type Loaded } from '../project.js';

export interface GraphFlags {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  /** A mapping whose neighbourhood is drawn, `depth` arrows far in both directions; null for what is selected. */
  readonly around: string | null;
  readonly depth: number;
  /** `mapping` or `mapping.column`, whose lineage is told as text; true for that of what is selected. */
  readonly lineage: string | boolean;
  readonly format: string;
  /** A new file; null for stdout. */
  readonly out: string | null;
}

type Drawing = (graph: ProjectGraph) => string | Promise<string>;

const FORMATS: Readonly<Record<string, Drawing>> = {
  mermaid: graphMermaid,
  dot: graphDot,
  svg: graphSvg,
  lineage: graphLineage,
  json: (graph) => JSON.stringify({ version: 1, ...graph }, null, 2),
};

const usage = (message: string, help: string): EtlError =>
  new EtlError(message, { exitCode: EXIT.usage, help });

/** `etl graph`: how mappings hang together, and where their columns come from; reads files alone. */
export async function graphCommand(folder: string, flags: GraphFlags, output: Output): Promise<number> {
  const loaded = await readProject(folder, 'none', output);
  const { mappings } = loaded.project;
  const wanted = typeof flags.lineage === 'string' ? columnOf(loaded, flags.lineage) : null;
  const select = wanted === null ? flags.select : [wanted.mapping];
  const chosen = selectMappings(loaded, select, flags.exclude, output);
  const selected = flags.around === null ? chosen : around(loaded, flags.around, flags.depth);
  const reading = await readSources(mappings.filter(({ name }) => selected.has(name)));
  const graph = outline(loaded.project, selected, reading);
  const told = wanted?.column == null ? graph : onlyColumn(graph, wanted.column);
  const format = output.json ? 'json' : flags.lineage === false ? flags.format : 'lineage';
  const text = await (FORMATS[format] ?? graphMermaid)(told);
  if (flags.out === null) {
    out(text);
    return EXIT.done;
  }
  await writeFile(flags.out, `${text}\n`).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EtlError(`the graph could not be written: ${why}`, { exitCode: EXIT.usage, cause });
  });
  return EXIT.done;
}

/** `tasks`, `tasks.title`: a mapping's own name may hold dots. @throws EtlError exit 2 for what there is not */
function columnOf(
  { project: { mappings } }: Loaded,
  text: string,
): { readonly mapping: string; readonly column: string | null } {
  const names = mappings.map(({ name }) => name);
  if (names.includes(text)) return { mapping: text, column: null };
  const found = mappings
    .filter(({ name }) => text.startsWith(`${name}.`))
    .sort((a, b) => b.name.length - a.name.length)[0];
  const column = found === undefined ? '' : text.slice(found.name.length + 1);
  const listed = found?.columns.map((one) => one.column.value) ?? [];
  if (found !== undefined && listed.includes(column)) return { mapping: found.name, column };
  const near = found === undefined ? suggest(text.split('.')[0] ?? '', names) : suggest(column, listed);
  throw usage(
    found === undefined ? `no mapping is named "${text}"` : `"${found.name}" lists no column "${column}"`,
    near === null
      ? `there are ${(found === undefined ? names : listed).join(', ')}`
      : `did you mean "${near}"?`,
  );
}

const onlyColumn = (graph: ProjectGraph, column: string): ProjectGraph => ({
  ...graph,
  lineage: graph.lineage.filter((one) => one.column === column),
});

/** The mappings that are not farther than so many arrows. @throws EtlError exit 2 for an unknown name */
function around(loaded: Loaded, name: string, depth: number): ReadonlySet<string> {
  const names = loaded.project.mappings.map((mapping) => mapping.name);
  if (!names.includes(name)) {
    const near = suggest(name, names);
    throw usage(
      `no mapping is named "${name}"`,
      near === null ? `there are ${names.join(', ')}` : `did you mean "${near}"?`,
    );
  }
  const edges = edgesOf(loaded.project);
  let found = new Set([name]);
  // What is drawn beyond what is selected is one arrow away.
  for (let n = 1; n < depth; n++) {
    const next = edges.flatMap(({ from, to }) => (found.has(from) || found.has(to) ? [from, to] : []));
    found = new Set([...found, ...next]);
  }
  return found;
}
