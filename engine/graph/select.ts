import { reachable, type Edge } from './graph.js';

/** What can be selected: a mapping with what selectors speak of. */
export interface Selectable {
  readonly name: string;
  readonly tags: readonly string[];
  readonly phase: string | null;
  /** Path of its file, relative to the project folder. */
  readonly path: string;
}

const wildcard = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\?]/g, '\\$&').replaceAll('*', '.*')}$`);

function matches(atom: string, node: Selectable): boolean {
  const [, method, rest] = /^(tag|phase|path):(.*)$/.exec(atom) ?? [];
  const pattern = wildcard(rest ?? atom);
  if (method === 'tag') return node.tags.some((tag) => pattern.test(tag));
  if (method === 'phase') return node.phase !== null && pattern.test(node.phase);
  if (method === 'path')
    return pattern.test(node.path) || node.path.startsWith(`${(rest ?? '').replace(/\/$/, '')}/`);
  return pattern.test(node.name);
}

/** One selector: `+x` with what it needs, `x+` with what needs it. */
function one(selector: string, nodes: readonly Selectable[], edges: readonly Edge[]): ReadonlySet<string> {
  const up = selector.startsWith('+');
  const down = selector.endsWith('+') && selector.length > 1;
  const atom = selector.slice(up ? 1 : 0, down ? -1 : undefined);
  const found = nodes.filter((node) => matches(atom, node)).map((node) => node.name);
  const all = new Set(found);
  if (up) for (const name of reachable(found, edges)) all.add(name);
  if (down) {
    const turned = edges.map(({ from, to }) => ({ from: to, to: from }));
    for (const name of reachable(found, turned)) all.add(name);
  }
  return all;
}

/**
 * Selects as dbt does: names with `*`, `tag:x`, `phase:x`, `path:x`, `+x`, `x+`; a space is a union, a comma
 * an intersection.
 * @returns the names, and the selectors that match nothing
 */
export function select(
  selectors: readonly string[],
  nodes: readonly Selectable[],
  edges: readonly Edge[],
): { readonly names: ReadonlySet<string>; readonly empty: readonly string[] } {
  const names = new Set<string>();
  const empty: string[] = [];
  for (const selector of selectors.flatMap((text) => text.split(/\s+/)).filter((text) => text !== '')) {
    const parts = selector.split(',').map((part) => one(part, nodes, edges));
    const both = [...(parts[0] ?? [])].filter((name) => parts.every((part) => part.has(name)));
    if (both.length === 0) empty.push(selector);
    for (const name of both) names.add(name);
  }
  return { names, empty };
}
