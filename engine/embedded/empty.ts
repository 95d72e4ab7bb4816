import type { Client } from 'pg';

/** Tables of users and of no extension. */
const OWN = `c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

/** Takes all rows and all foreign keys away: what is left is what a row alone can break. */
export async function emptyTables(admin: Client): Promise<void> {
  await admin.query(`do $$ declare one record; begin
    for one in select c.oid::regclass as t, f.conname from pg_constraint f join pg_class c on c.oid = f.conrelid
      join pg_namespace n on n.oid = c.relnamespace where f.contype = 'f' and f.conparentid = 0 and ${OWN} loop
      execute format('alter table %s drop constraint %I', one.t, one.conname);
    end loop;
    for one in select c.oid::regclass as t from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where ${OWN} and c.relispartition is false loop
      execute format('truncate %s', one.t);
    end loop;
  end $$`);
}
