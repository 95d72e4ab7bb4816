import type { CompiledMapping } from '../../contract/compiled.js';
import type { Finding } from '../../contract/finding.js';
import { referredTo } from '../../contract/references.js';
import type { Mapping, Project } from '../../contract/mapping.js';
import type { Session } from '../../contract/session.js';
import { obeysPolicies } from '../../run/row-security.js';
import type { NamedRelation } from '../../sql/index.js';
import { databaseFindings } from './database.js';
import { publishedFindings } from './published.js';
import { readableFindings } from './readable.js';
import { readsOf, type Read } from './reads.js';
import { referrerFindings } from './referrers.js';
import { targetFindings } from './target.js';

/** The tables of a query; PostgreSQL's parser is loaded when the first is asked about. */
async function tableReader(mappings: readonly Mapping[]): Promise<(sql: string) => readonly NamedRelation[]> {
  const asked: string[] = [];
  for (const mapping of mappings) readsOf(mapping, (sql) => (asked.push(sql), []));
  if (asked.length === 0) return () => [];
  const { loadParser, tablesOf } = await import('../../sql/index.js');
  const parser = await loadParser();
  return (sql) => tablesOf(sql, parser);
}

/**
 * What the roles lack to read what the selected mappings name: schemas, tables, columns, rows. Asked before binding,
 * for a closed schema looks like a missing table there.
 * @param sessions by connection; what one that is missing would be asked is left out
 */
export async function readFindings(
  { mappings }: Project,
  selected: ReadonlySet<string>,
  sessions: ReadonlyMap<string, Session>,
): Promise<readonly Finding[]> {
  const own = mappings.filter(({ name }) => selected.has(name));
  const wanted = new Set([...selected, ...own.flatMap(referredTo)]);
  const read = mappings.filter(({ name }) => wanted.has(name));
  const tablesOf = await tableReader(read);
  const byConnection = new Map<string, Read[]>();
  for (const one of read.flatMap((mapping) => readsOf(mapping, tablesOf))) {
    byConnection.set(one.connection, [...(byConnection.get(one.connection) ?? []), one]);
  }
  const found = [...byConnection].map(async ([name, reads]) => {
    const session = sessions.get(name);
    return session === undefined ? [] : await readableFindings(session, reads);
  });
  return (await Promise.all(found)).flat();
}

/** What the target role, or what it writes to, lacks to load mappings and to keep the run's state. */
export async function loadFindings(
  target: Session,
  loads: readonly CompiledMapping[],
  { stateSchema, connections }: Project,
): Promise<readonly Finding[]> {
  return [
    ...(await targetFindings(target, loads)),
    ...(await publishedFindings(target, loads)),
    ...(obeysPolicies(loads) ? await referrerFindings(target, loads) : []),
    ...(await databaseFindings(target, stateSchema, connections.get('target')?.at ?? null)),
  ];
}
