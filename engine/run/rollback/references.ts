import type { Session } from '../../contract/session.js';
import { quoteText } from '../../postgres/identifier.js';
import type { Undoing } from './find.js';
import type { Undone } from './tables.js';

/** A foreign key to a table whose rows may go, from wherever. */
export interface Incoming {
  readonly name: string;
  /** The referring table's, as the catalogue has it. */
  readonly oid: string;
  /** Quoted and qualified. */
  readonly table: string;
  /** `from` items of both tables, without alias. */
  readonly from: string;
  readonly to: string;
  /** The condition under which a row `r` refers to a row `p`. */
  readonly refers: string;
}

/** Foreign keys of partitions are those of their tables; partitions and what they belong to can be referred to alike. */
const INCOMING = (oids: string): string => `
  with tables as (select distinct f.relid from unnest(array[${oids}]::oid[]) o(oid), lateral (
      select o.oid as relid union select relid from pg_partition_ancestors(o.oid) union select relid from pg_partition_tree(o.oid)) f)
  select k.conname, k.conrelid, format('%I.%I', cn.nspname, c.relname),
    case c.relkind when 'p' then '' else 'only ' end || format('%I.%I', cn.nspname, c.relname),
    case p.relkind when 'p' then '' else 'only ' end || format('%I.%I', pn.nspname, p.relname),
    (select string_agg(format('p.%I operator(%I.%s) r.%I', pa.attname, opn.nspname, op.oprname, ra.attname), ' and ' order by i)
     from generate_subscripts(k.conkey, 1) i
     join pg_attribute ra on ra.attrelid = k.conrelid and ra.attnum = k.conkey[i]
     join pg_attribute pa on pa.attrelid = k.confrelid and pa.attnum = k.confkey[i]
     join pg_operator op on op.oid = k.conpfeqop[i] join pg_namespace opn on opn.oid = op.oprnamespace)
  from pg_constraint k join tables on tables.relid = k.confrelid
  join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
  join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
  where k.contype = 'f' and k.conparentid = 0 order by 3, 1`;

/** The foreign keys to the tables of mappings. */
export async function readIncoming(
  session: Session,
  mappings: readonly Undone[],
): Promise<readonly Incoming[]> {
  const { rows } = await session.query(INCOMING(mappings.map(({ oid }) => oid).join(', ')));
  return rows.map((row) => ({
    name: row[0] ?? '',
    oid: row[1] ?? '',
    table: row[2] ?? '',
    from: row[3] ?? '',
    to: row[4] ?? '',
    refers: row[5] ?? 'false',
  }));
}

/**
 * Keeps every created row that a row which stays refers to, and what that one refers to, until nothing more is found.
 * What an ON DELETE CASCADE, SET NULL or SET DEFAULT could reach is then gone itself. The rows that go are held first, so that
 * nobody can refer to them from now on.
 */
export async function keepReferred(
  { session, mappings }: Undoing,
  incoming: readonly Incoming[],
): Promise<void> {
  for (const { n, from } of mappings) {
    await session.query(
      `select count(*) from (select from ${from} t join pg_temp.etl_gone g on g.tab = t.tableoid and g.at = t.ctid
       where g.m = ${String(n)} and g.keep is null for update of t) held`,
    );
  }
  for (let kept = -1; kept !== 0;) {
    kept = 0;
    for (const key of incoming) kept += (await session.query(referredSql(key))).count;
  }
  // Nor can a row come back in whose place the new one stays.
  await session.query(
    `update pg_temp.etl_back b set action = 'keep', changed = true from pg_temp.etl_gone g
     where b.action = 'insert' and g.tab = b.tab and g.at = b.at and g.keep is not null`,
  );
}

const referredSql = ({ name, table, from, to, refers }: Incoming): string =>
  `update pg_temp.etl_gone g set keep = ${quoteText(`${table} (${name})`)}
   from ${to} p join ${from} r on ${refers}
   where g.keep is null and g.tab = p.tableoid and g.at = p.ctid
     and not exists (select from pg_temp.etl_gone d where d.keep is null and d.tab = r.tableoid and d.at = r.ctid)`;
