import type { Project } from '../contract/mapping.js';
import type { Session } from '../contract/session.js';
import { findRejects, type KeptReject } from './rejects.js';

/** Rows in a chain of causes, at the most. */
const DEPTH = 50;

/**
 * A row's reject, then the reject of the row that it refers to, and so on to where it began: each by the mapping's
 * own words. A reference by another column than the key cannot be followed; its reason says what was looked for.
 */
export async function chainOf(
  session: Session,
  schema: string,
  project: Project,
  of: Wanted,
): Promise<readonly KeptReject[]> {
  const chain: KeptReject[] = [];
  const seen = new Set<string>();
  let next: readonly Wanted[] = [of];
  while (chain.length < DEPTH) {
    const found = await firstReject(session, schema, project, next, seen);
    if (found === null) break;
    chain.push(found);
    next = causesOf(project, found);
  }
  return chain;
}

interface Wanted {
  readonly run: string | null;
  readonly mapping: string;
  readonly key: string;
}

/** The reject of the first of some rows that has one and has not been told yet. */
async function firstReject(
  session: Session,
  schema: string,
  project: Project,
  rows: readonly Wanted[],
  seen: Set<string>,
): Promise<KeptReject | null> {
  for (const row of rows) {
    const id = JSON.stringify(row);
    if (seen.has(id)) continue;
    seen.add(id);
    const [found] = await findRejects(session, schema, { project: project.name, ...row });
    if (found !== undefined) return found;
  }
  return null;
}

/** The rows that a reject may have been looking for: of each mapping that the reference may lead to. */
function causesOf(
  { mappings }: Project,
  { run, mapping, column, rule, value, row }: KeptReject,
): readonly Wanted[] {
  if (rule !== 'references' || value === null) return [];
  const columns = mappings.find(({ name }) => name === mapping)?.columns ?? [];
  const resolver = columns.find(({ column: name }) => name.value === column)?.resolver;
  if (resolver?.kind !== 'references') return [];
  const said = resolver.switch === null ? null : switchValue(row, resolver.switch.value);
  return resolver.parents.flatMap(({ mapping: other, by, when }) => {
    const leads = when === null || said === null || when.text === said;
    return by === null && leads ? [{ run, mapping: other.value, key: value }] : [];
  });
}

/** What a rejected row has in a source column, where it was kept with it; null where that cannot be told. */
function switchValue(row: string | null, column: string): string | null {
  const kept: unknown = row === null ? null : JSON.parse(row);
  const value = typeof kept === 'object' && kept !== null ? Object.entries(kept) : [];
  const found: unknown = value.find(([name]) => name === column)?.[1];
  return typeof found === 'string' || typeof found === 'number' ? String(found) : null;
}
