import type { Session } from '../../contract/session.js';
import type { Edge } from './edge.js';

interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** A foreign key, from whatever table, as the catalogue has it. */
export interface ForeignKey {
  readonly name: string;
  /** The referring table's. */
  readonly oid: string;
  readonly table: TableName;
  /** Quoted where it must be, qualified. */
  readonly shown: string;
  readonly columns: readonly string[];
  /** In the same order, of the other table. */
  readonly referenced: readonly string[];
  /** What becomes of referring rows when theirs is deleted: `pg_constraint.confdeltype`. */
  readonly onDelete: string;
  /** Whether this role may read the referring table. */
  readonly readable: boolean;
  /** `from` items of all pairs of a row `t` and the row `m` that it refers to. */
  readonly pairs: string;
}

/** Foreign keys of partitions are those of their tables; partitions and what they belong to can be referred to alike. */
const INCOMING = `
  with tables as (select distinct f.relid from unnest($1::oid[]) o(oid), lateral (
      select o.oid as relid union select relid from pg_partition_ancestors(o.oid) union select relid from pg_partition_tree(o.oid)) f)
  select k.conname, k.conrelid, cn.nspname, c.relname, format('%I.%I', cn.nspname, c.relname), pairs.columns,
    k.confdeltype, has_table_privilege(c.oid, 'select'),
    case c.relkind when 'p' then '' else 'only ' end || format('%I.%I t join ', cn.nspname, c.relname) ||
    case p.relkind when 'p' then '' else 'only ' end || format('%I.%I m on ', pn.nspname, p.relname) || pairs.refers
  from pg_constraint k join tables on tables.relid = k.confrelid
  join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
  join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
  cross join lateral (
    select json_build_array(json_agg(own.attname order by i.n), json_agg(other.attname order by i.n)) as columns,
      string_agg(format('m.%I operator(%I.%s) t.%I', other.attname, opn.nspname, op.oprname, own.attname), ' and ' order by i.n) as refers
    from generate_subscripts(k.conkey, 1) i(n)
    join pg_attribute own on own.attrelid = k.conrelid and own.attnum = k.conkey[i.n]
    join pg_attribute other on other.attrelid = k.confrelid and other.attnum = k.confkey[i.n]
    join pg_operator op on op.oid = k.conpfeqop[i.n] join pg_namespace opn on opn.oid = op.oprnamespace) pairs
  where k.contype = 'f' and k.conparentid = 0 order by 5, 1`;

/** The foreign keys to some tables, given by oid. */
export async function readForeignKeys(
  session: Session,
  oids: readonly (string | number)[],
): Promise<readonly ForeignKey[]> {
  const { rows } = await session.query(INCOMING, [`{${oids.join(',')}}`]);
  return rows.map((row): ForeignKey => {
    const [name, oid, schema, table, shown, pairs, onDelete, readable, joined] = row;
    const [columns, referenced] = JSON.parse(pairs ?? '[[],[]]') as [string[], string[]];
    return {
      name: name ?? '',
      oid: oid ?? '',
      table: { schema: schema ?? '', name: table ?? '' },
      shown: shown ?? '',
      columns,
      referenced,
      onDelete: onDelete ?? '',
      readable: readable === 't',
      pairs: joined ?? '',
    };
  });
}

/** The same with the foreign keys to the tables that these are of, and so on. */
export async function readAllForeignKeys(session: Session, oid: number): Promise<readonly ForeignKey[]> {
  const found = new Map<string, ForeignKey>();
  const seen = new Set<string>();
  for (let next: readonly string[] = [String(oid)]; next.length > 0;) {
    for (const one of next) seen.add(one);
    const keys = await readForeignKeys(session, next);
    for (const key of keys) found.set(`${key.oid} ${key.name}`, key);
    next = [...new Set(keys.map((key) => key.oid))].filter((one) => !seen.has(one));
  }
  return [...found.values()];
}

/** The way of a foreign key, where a row is known by its place alone. */
export const keyEdge = ({ pairs }: Pick<ForeignKey, 'pairs'>, where = 'true'): Edge => ({
  from: 0,
  to: 0,
  pairs,
  where,
  onwards: 'true',
  ask: null,
});
