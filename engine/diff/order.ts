import type { Project } from '../contract/mapping.js';
import { components } from '../graph/graph.js';
import { outline } from '../compile/outline.js';

/** Some mappings in the order of a run: by phase, each after what it needs. */
export function inRunOrder(names: ReadonlySet<string>, project: Project): readonly string[] {
  const all = project.mappings.map(({ name }) => name);
  const order = components(all, outline(project, new Set(all)).edges).flat();
  const phases = new Map(
    project.mappings.map(({ name, phase }) => [name, project.phases.indexOf(phase ?? '')]),
  );
  return order
    .filter((name) => names.has(name))
    .sort((a, b) => (phases.get(a) ?? 0) - (phases.get(b) ?? 0) || order.indexOf(a) - order.indexOf(b));
}
