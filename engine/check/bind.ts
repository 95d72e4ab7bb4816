import { compileProject, type CompiledProject } from '../compile/project.js';
import type { Registries } from '../compile/context.js';
import type { CatalogueReader } from '../compile/shape.js';
import type { Finding } from '../contract/finding.js';
import type { Mapping, Project } from '../contract/mapping.js';
import type { Problem } from '../contract/problem.js';
import { referredTo } from '../contract/references.js';
import { ofProblem } from './findings.js';

/** The selected mappings as far as they could be bound. */
export interface Bound {
  /** Null where none could be. */
  readonly compiled: CompiledProject | null;
  readonly planned: ReadonlySet<string>;
  /** Why a mapping was left out. */
  readonly unbound: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

export interface Catalogues {
  readonly sources: ReadonlyMap<string, CatalogueReader>;
  readonly target: CatalogueReader;
}

/** The mappings that need one of others: through a reference, a look-up or `depends_on`. */
const needsOf = (mapping: Mapping): readonly string[] => [
  ...mapping.dependsOn.map(({ value }) => value),
  ...referredTo(mapping),
];

/** The mapping that a problem is about: the one whose file, or whose entry under `copy`, it marks. */
function blamed(mappings: readonly Mapping[], { at }: Problem): Mapping | undefined {
  if (at === undefined) return undefined;
  return mappings.find((mapping) =>
    mapping.plainCopy ? mapping.at.file === at.file && mapping.at.line === at.line : mapping.file === at.file,
  );
}

/** Binds what can be bound: a mapping with problems is told of and left out, and so is what hangs on it. */
export async function bindAll(
  project: Project,
  selected: ReadonlySet<string>,
  { sources, target }: Catalogues,
  registries: Registries,
): Promise<Bound> {
  const problems: Problem[] = [];
  const unbound = new Map<string, string>();
  let planned = selected;
  let compiled = await compileProject(project, planned, sources, target, registries, problems);
  const findings = problems.map((problem) => {
    const mapping = blamed(project.mappings, problem);
    return ofProblem(problem, mapping === undefined ? 'project' : `mapping ${mapping.name}`);
  });
  let seen: readonly Problem[] = problems;
  while (compiled === null && planned.size > 0) {
    const before = planned.size;
    for (const problem of seen) {
      const name = blamed(project.mappings, problem)?.name;
      if (problem.severity === 'error' && name !== undefined)
        unbound.set(name, 'it does not fit the databases');
    }
    spread(project.mappings, unbound);
    planned = new Set([...planned].filter((name) => !unbound.has(name)));
    if (planned.size === before || planned.size === 0) break;
    const again: Problem[] = [];
    compiled = await compileProject(project, planned, sources, target, registries, again);
    seen = again;
  }
  if (compiled === null) planned = new Set();
  return { compiled, planned, unbound, findings };
}

/** What needs a mapping that is left out is left out, too. */
export function spread(mappings: readonly Mapping[], out: Map<string, string>): void {
  for (let grown = true; grown;) {
    grown = false;
    for (const mapping of mappings) {
      const cause = needsOf(mapping).find((name) => out.has(name) && name !== mapping.name);
      if (cause === undefined || out.has(mapping.name)) continue;
      out.set(mapping.name, `it needs ${cause}, which was left out`);
      grown = true;
    }
  }
}
