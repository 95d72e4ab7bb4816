import { writeFile } from 'node:fs/promises';
import { outline } from '../../compile/outline.js';
import type { ProjectGraph } from '../../contract/graph.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import { graphDot } from '../../../reports/graph/dot.js';
import { graphLineage } from '../../../reports/graph/lineage.js';
import { graphMermaid } from '../../../reports/graph/mermaid.js';
import { graphSvg } from '../../../reports/graph/svg.js';
import { out, type Output } from '../io.js';
import { readProject, selectMappings } from '../project.js';

export interface GraphFlags {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
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

/** `etl graph`: how mappings hang together, and where their columns come from; reads files alone. */
export async function graphCommand(folder: string, flags: GraphFlags, output: Output): Promise<number> {
  const loaded = await readProject(folder, 'none', output);
  const selected = selectMappings(loaded, flags.select, flags.exclude, output);
  const draw = FORMATS[output.json ? 'json' : flags.format] ?? graphMermaid;
  const text = await draw(outline(loaded.project, selected));
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
