import type { CompiledMapping } from '../../contract/compiled.js';
import type { Finding } from '../../contract/finding.js';
import { isCompletedLater } from '../../contract/references.js';
import type { Session } from '../../contract/session.js';
import { finding } from '../findings.js';

/**
 * Of the tables $1, with their partitions: those that are published and whose rows nothing identifies, the publications,
 * whether these tell of updates and deletes. Such a statement is refused with SQLSTATE 55000, whatever it would find.
 */
const PUBLISHED = `
  with parts as (
    select m.oid as mapped, c.oid, n.nspname, c.relname from unnest($1::oid[]) m(oid)
      join pg_class c on c.oid = m.oid or c.oid in (select p.relid from pg_partition_tree(m.oid) p where p.isleaf)
      join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence = 'p' and not case c.relreplident
      when 'f' then true when 'n' then false
      when 'd' then exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and i.indimmediate and i.indisvalid)
      else exists (select from pg_index i where i.indrelid = c.oid and i.indisreplident and i.indisvalid) end)
  select p.mapped, string_agg(distinct format('alter table %I.%I replica identity full', p.nspname, p.relname), '; '),
    string_agg(distinct format('%I', u.pubname), ', '), bool_or(u.pubupdate), bool_or(u.pubdelete)
  from parts p join pg_publication u on exists (
    select from pg_publication_tables t where t.pubname = u.pubname and ((t.schemaname, t.tablename) = (p.nspname, p.relname)
      or exists (select from pg_partition_ancestors(p.oid) a join pg_class c on c.oid = a.relid
        join pg_namespace n on n.oid = c.relnamespace where (t.schemaname, t.tablename) = (n.nspname, c.relname))))
  where u.pubupdate or u.pubdelete
  group by p.mapped`;

/** What a mapping does with its table in any case, beside what rows that are there call for. */
const doesFor = ({ mapping, columns }: CompiledMapping): readonly string[] => [
  ...(columns.some(({ make }) => isCompletedLater(make)) ? ['update'] : []),
  ...(mapping.target.mode.value === 'replace' ? ['delete'] : []),
];

/**
 * Published tables without a replica identity that a run writes: updates and deletes of their rows fail there. An error
 * where the mapping cannot do without; where rows that are there already may call for one, or a rollback, a warning.
 */
export async function publishedFindings(
  target: Session,
  loads: readonly CompiledMapping[],
): Promise<readonly Finding[]> {
  const oids = loads.map(({ table }) => String(table.oid));
  const { rows } = await target.query(PUBLISHED, [`{${oids.join(',')}}`]);
  return rows.flatMap(([oid, cure, publications, updates, deletes]) => {
    const lacking = [...(updates === 't' ? ['update'] : []), ...(deletes === 't' ? ['delete'] : [])];
    return loads
      .filter(({ table }) => String(table.oid) === oid)
      .map((one) => {
        const sure = doesFor(one).filter((right) => lacking.includes(right));
        const { name } = one.mapping;
        const what =
          sure.length > 0
            ? `the run has to ${sure.join(' and ')} rows there`
            : 'new rows come in all the same, but a row that is there and differs, one that goes again, and a rollback fail';
        return finding({
          code: 'ETL-CHECK-037',
          severity: sure.length > 0 ? 'error' : 'warning',
          subject: `mapping ${name}`,
          at: one.mapping.target.table.at,
          message: `${one.table.name} is published (${publications ?? ''}) without a replica identity, so that PostgreSQL refuses to ${lacking.join(' or ')} its rows: ${what}`,
          help: cure ?? null,
        });
      });
  });
}
