import type { BulkKind, BulkObject, TableConstraints } from '../contract/constraints.js';
import { EtlError } from '../contract/errors.js';
import type { QueryRows, Session } from '../contract/session.js';
import { quoteTable } from './identifier.js';

/** Whether no row can make the index `i` fail: see `BulkObject`. */
export const STEADY = `not i.indisunique and i.indexprs is null and i.indpred is null and not exists (select
  from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[]) and a.attlen < 0)`;

/** Of each of the tables $1 why nothing of it may be dropped. */
const TABLE_SQL = `
  select c.oid, case
    when c.relkind <> 'r' then 'it is no ordinary table'
    when c.relispartition or c.relhassubclass or exists (select from pg_inherits h where c.oid in (h.inhrelid, h.inhparent))
      then 'it is part of an inheritance or partitioning'
    when not pg_has_role(c.relowner, 'usage') then 'the role does not own it'
    when exists (select from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D')
      then 'it has triggers, which would fire twice for rows that are offered again'
    when c.relhasrules then 'it has rules'
    when row_security_active(c.oid) then 'row-level security applies to the role'
    when (c.relreplident = 'n' or c.relreplident = 'd' and not exists
           (select from pg_index i where i.indrelid = c.oid and i.indisprimary))
      and exists (select from pg_publication p left join pg_publication_tables t on t.pubname = p.pubname
          where p.pubdelete and (p.puballtables or (t.schemaname = n.nspname and t.tablename = c.relname)))
      then 'it is published without a replica identity, so that no row could be taken back'
  end
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = any ($1)`;

/**
 * Unique constraints and indexes of each of the tables $1, then its outgoing foreign keys, each in the order in which
 * they were made: in that order they are checked, and the first one that a row breaks is named. One query for all
 * tables: no index finds a constraint by its index, and one query a table read all of them every time (400 tables: 1.3 s).
 */
const OBJECTS_SQL = `
  with referring as (select distinct on (conindid) conindid, conname, conrelid from pg_constraint
    where contype = 'f' order by conindid, oid)
  select i.indrelid, x.relname, case when u.oid is null then 'index' else 'unique' end,
    case
      when i.indisprimary then 'it is the primary key'
      when i.indisexclusion then 'it is an exclusion constraint'
      when u.contype <> 'u' then 'it stands behind another kind of constraint'
      when i.indisreplident then 'it is the replica identity'
      when i.indisclustered then 'the table is clustered by it'
      when not (i.indisvalid and i.indisready and i.indislive) then 'it is not valid'
      when x.reltablespace <> 0 then 'it lies in a tablespace of its own'
      when f.conname is not null then format('the foreign key %s of %s refers to it', f.conname, f.conrelid::regclass)
      when exists (select from pg_depend d where d.deptype = 'n'
          and (d.refclassid = 'pg_class'::regclass and d.refobjid = x.oid
            or d.refclassid = 'pg_constraint'::regclass and d.refobjid = u.oid))
        then 'something depends on it'
      when exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = x.oid and d.deptype in ('e', 'x'))
        then 'it belongs to an extension'
    end,
    ${STEADY},
    case when i.indisexclusion or i.indisunique and i.indexprs is not null then '[]'
      when i.indisunique then (select json_agg(a.attname) from pg_attribute a
        where a.attrelid = i.indrelid and a.attnum = any (i.indkey[0:i.indnkeyatts - 1]::int2[]))::text end,
    null, 1, x.oid
  from pg_index i join pg_class x on x.oid = i.indexrelid
  left join pg_constraint u on u.conindid = i.indexrelid and u.conrelid = i.indrelid and u.contype in ('p', 'u', 'x')
  left join referring f on f.conindid = i.indexrelid
  where i.indrelid = any ($1)
  union all
  select k.conrelid, k.conname, 'foreign_key',
    case
      when not k.convalidated then 'it is not validated'
      when to_jsonb(k)->>'conenforced' = 'false' then 'it is not enforced'
      when to_jsonb(k)->>'conperiod' = 'true' then 'it is of periods'
      when k.conparentid <> 0 then 'it belongs to a partitioned table'
      when exists (select from pg_trigger t where t.tgconstraint = k.oid and t.tgenabled <> 'O')
        then 'its triggers are not in their usual state'
      when exists (select from pg_index i join pg_class x on x.oid = i.indexrelid
          where i.indrelid = k.conrelid and x.relname = k.conname) then 'an index has the same name'
      when exists (select from unnest(k.confkey) a where not has_column_privilege(k.confrelid, a, 'references'))
        then format('the role may not refer to %s', k.confrelid::regclass)
    end,
    false, null,
    case when k.confrelid = k.conrelid then (select json_agg(a.attname order by c.n)
      from unnest(k.conkey) with ordinality c(attnum, n)
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.attnum)::text end, 2, k.oid
  from pg_constraint k where k.conrelid = any ($1) and k.contype = 'f'
  order by 8, 9`;

const namesOf = (json: string | null | undefined): readonly string[] | null =>
  json === null || json === undefined ? null : (JSON.parse(json) as string[]);

interface NamedTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
}

/** Reads what may be dropped of each table, and why the rest must stay: two round trips for all. Reads only. */
export async function readConstraints(
  session: Session,
  tables: readonly NamedTable[],
): Promise<readonly TableConstraints[]> {
  const [reasons = []] = await ask(session, [about(TABLE_SQL, tables)]);
  const closed = new Map(reasons.map(([oid, reason]) => [Number(oid), reason ?? null]));
  const open = tables.filter(({ oid }) => (closed.get(oid) ?? null) === null);
  const [rows = [], ...empties] = await ask(session, [
    about(OBJECTS_SQL, open),
    ...open.map((table) => `select not exists (select from only ${quoteTable(table)})`),
  ]);
  const objects = new Map(open.map(({ oid }): [number, BulkObject[]] => [oid, []]));
  for (const [oid, ...row] of rows) objects.get(Number(oid))?.push(bulkObject(row));
  const empty = new Map(open.map((table, n) => [table, empties[n]?.[0]?.[0] === 't']));
  return tables.map((table): TableConstraints => {
    const isEmpty = empty.get(table);
    if (isEmpty === undefined) return { reason: closed.get(table.oid) ?? null, empty: false, objects: [] };
    return { reason: null, empty: isEmpty, objects: objects.get(table.oid) ?? [] };
  });
}

/** A statement about tables, written out: statements without parameters are sent together. */
const about = (sql: string, tables: readonly NamedTable[]): string =>
  sql.replaceAll('$1', `'{${tables.map(({ oid }) => oid).join(',')}}'::oid[]`);

/** The rows of each statement. @throws EtlError for the first that is refused */
async function ask(session: Session, statements: readonly string[]): Promise<readonly QueryRows['rows'][]> {
  return (await session.queries(statements)).map((answer) => {
    if (answer instanceof EtlError) throw answer;
    return answer.rows;
  });
}

const bulkObject = ([name, kind, why, steady, unique, own]: readonly (string | null)[]): BulkObject => ({
  name: name ?? '',
  kind: (kind ?? 'index') as BulkKind,
  reason: why ?? null,
  steady: steady === 't',
  unique: namesOf(unique),
  own: namesOf(own),
});
