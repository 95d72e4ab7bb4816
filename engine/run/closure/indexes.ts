import type { Session } from '../../contract/session.js';

/** Rows of one table that are to be deleted. */
export interface Deleting {
  readonly oid: number;
  readonly rows: number;
}

interface Missing {
  readonly table: string;
  readonly schema: string;
  readonly columns: string;
  /** The index's name. */
  readonly name: string;
}

/** What building an index costs, in readings of its table. */
const BUILD = 20;
/** Pages that the server reads in half a second. */
const PAGES = 20_000;
/** Whoever works with the table is not kept waiting for longer, nor waited for. */
const PATIENCE = '1s';

/**
 * Foreign keys without an index that leads to their rows. Partitioned tables are left out: their indexes are those of their
 * partitions.
 */
const MISSING = `
  select distinct format('%I.%I', n.nspname, c.relname), format('%I', n.nspname),
    (select string_agg(format('%I', a.attname), ', ' order by u.n) from unnest(k.conkey) with ordinality u(attnum, n)
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum),
    format('etl_deleting_%s_%s', c.oid, array_to_string(k.conkey, '_')),
    pg_relation_size(c.oid) / current_setting('block_size')::int, k.confrelid
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where k.contype = 'f' and k.confrelid = any ($1::oid[]) and c.relkind = 'r' and pg_has_role(c.relowner, 'usage')
    and not exists (select from pg_index i where i.indrelid = k.conrelid and i.indisvalid and i.indpred is null
      and i.indkey[0] = any (k.conkey))`;

/**
 * Does a work that deletes many rows, in the open transaction, while the columns that refer to them have indexes: for each
 * deleted row the server looks who refers to it, and without an index it reads the whole table for that (20,000 rows of
 * a tree of 75,000: two minutes, with the index half a second). Where the role may not make one, or somebody works with
 * the table, there is none. The transaction leaves none behind, however it ends.
 */
export async function withIndexes<T>(
  session: Session,
  deleting: readonly Deleting[],
  work: () => Promise<T>,
): Promise<T> {
  const made: Missing[] = [];
  for (const one of await missing(session, deleting)) if (await make(session, one)) made.push(one);
  const done = await work();
  if (made.length > 0) {
    // Deferred checks want the indexes too, and a table that waits for checks lets none of them go.
    await session.query('set constraints all immediate');
    await session.query(made.map(({ schema, name }) => `drop index ${schema}.${name}`).join('; '));
  }
  return done;
}

async function missing(session: Session, deleting: readonly Deleting[]): Promise<readonly Missing[]> {
  const many = deleting.filter(({ rows }) => rows >= BUILD);
  if (many.length === 0) return [];
  const { rows } = await session.query(MISSING, [`{${many.map(({ oid }) => oid).join(',')}}`]);
  const found = rows.flatMap(([table, schema, columns, name, pages, oid]): Missing[] => {
    const count = many.find((one) => one.oid === Number(oid))?.rows ?? 0;
    if (count * Number(pages) < PAGES) return [];
    return [{ table: table ?? '', schema: schema ?? '', columns: columns ?? '', name: name ?? '' }];
  });
  return [...new Map(found.map((one) => [one.name, one])).values()];
}

/** The lock that dropping it needs is taken first: so nothing can stand in the way of that. */
async function make(session: Session, { table, columns, name }: Missing): Promise<boolean> {
  const before = (await session.query(`select current_setting('lock_timeout')`)).rows[0]?.[0] ?? '0';
  await session.query('savepoint etl_index');
  try {
    await session.query(`set local lock_timeout = '${PATIENCE}'; lock table only ${table} in access exclusive mode;
      create index ${name} on ${table} (${columns}); set local lock_timeout = '${before}'; release savepoint etl_index`);
    return true;
  } catch {
    await session.query('rollback to savepoint etl_index; release savepoint etl_index');
    return false;
  }
}
