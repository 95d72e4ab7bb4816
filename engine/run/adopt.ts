import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import { quoteText, tableRows } from '../postgres/identifier.js';
import { ownXidsSql, samePair } from '../postgres/undo.js';
import { handleOfRow, keyOfRow } from './late/links.js';
import { pairsOf } from './keys/pairs.js';

/** Rows of a table that several mappings load now and that one has loaded alone. */
export interface Adopted {
  readonly mapping: string;
  readonly rows: number;
}

/**
 * Pairs of the rows that mappings have loaded while nobody shared their table: the table itself held the keys then.
 * A row is a mapping's own where its last writer is a batch of the mapping (`xmin`) and no other has a pair of it.
 * Asked of mappings without a pair alone; a table is read where such a mapping has written batches.
 * @param schema the state schema, quoted
 */
export async function adoptRows(
  session: Session,
  mappings: readonly CompiledMapping[],
  schema: string,
): Promise<readonly Adopted[]> {
  const adopted: Adopted[] = [];
  for (const compiled of mappings.filter(({ holdsKey, sharedWith }) => holdsKey && sharedWith.length > 0)) {
    const { count } = await session.query(adoptSql(compiled, schema));
    if (count > 0) adopted.push({ mapping: compiled.mapping.name, rows: count });
  }
  return adopted;
}

function adoptSql(compiled: CompiledMapping, schema: string): string {
  const { project, mapping, sharedWith } = compiled;
  const { key, where } = keyOfRow({ ...compiled, found: 'target' }, 't', schema);
  const others = sharedWith
    .filter((other) => other.handle.length > 0)
    .map((other) => `k.mapping = ${quoteText(other.mapping)} and ${samePair(other.handle)}`);
  const runs = `b.mapping = ${quoteText(mapping.name)} and b.run = r.run`;
  return `insert into ${schema}.key_map (project, mapping, source_key, target_key, run)
    select ${quoteText(project)}, ${quoteText(mapping.name)}, ${key}, ${handleOfRow(compiled, 't')}, min(w.run)
    from ${tableRows(compiled.table)} t
    join (select r.run, x.xid from ${schema}.runs r, lateral (${ownXidsSql(schema, runs)}) x (xid)
      where r.project = ${quoteText(project)}) w on w.xid = t.xmin::text::bigint
    where not exists (select from ${schema}.key_map k where ${pairsOf(compiled)}) and ${where}
      and not exists (select from ${schema}.key_map k where k.project = ${quoteText(project)} and (${['false', ...others].join(' or ')}))
    group by 3, 4 on conflict do nothing`;
}
