import { withClient } from '../../engine/embedded/roles.js';

/** What a database has that dropping its schemas would leave: settings, rights, extensions and the like. */
const UNUSUAL = `select exists (
    select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where d.datname = current_database()
    union all select from pg_default_acl union all select from pg_event_trigger
    union all select from pg_extension where extname <> 'plpgsql'
    union all select from pg_publication union all select from pg_largeobject_metadata
    union all select from pg_foreign_data_wrapper union all select from pg_cast where oid >= 16384
    union all select from pg_prepared_xacts where database = current_database()
    union all select from pg_database where datname = current_database()
      and (datconnlimit <> -1 or not datallowconn or dattablespace <> (select oid from pg_tablespace where spcname = 'pg_default'))
  ) or (select md5(concat(datdba, datacl)) from pg_database where datname = current_database()) <> $1 as unusual`;

const EMPTY = `
  select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();
  do $$ declare n text; begin
    for n in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
      execute format('drop schema %I cascade', n);
    end loop;
  end $$;
  create schema public authorization pg_database_owner; grant usage on schema public to public`;

/** What tells whether owner and rights of a database are still those of now. @param url as superuser, in it */
export const rightsOf = (url: string): Promise<string> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ rights: string }>(
      'select md5(concat(datdba, datacl)) as rights from pg_database where datname = current_database()',
    );
    return rows[0]?.rights ?? '';
  });

/**
 * Makes a database as empty as a new one, in a fifth of the time that a new one takes.
 * @param rights as {@link rightsOf} had them
 * @returns false where that cannot be done: it is to be dropped
 */
export async function emptied(url: string, rights: string): Promise<boolean> {
  try {
    return await withClient(url, async (client) => {
      const { rows } = await client.query<{ unusual: boolean }>(UNUSUAL, [rights]);
      if (rows[0]?.unusual !== false) return false;
      await client.query(EMPTY);
      return true;
    });
  } catch {
    return false;
  }
}
