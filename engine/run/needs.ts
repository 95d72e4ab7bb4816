import type { CompiledProject } from '../compile/project.js';

/** The mappings whose rows must be there before a mapping's own, each once, by name. */
export function needsOf({ dependencies, opened }: CompiledProject, mapping: string): readonly string[] {
  const needed = dependencies.filter((d) => d.from === mapping && d.to !== mapping && !opened.includes(d));
  return [...new Set(needed.map(({ to }) => to))].sort();
}
