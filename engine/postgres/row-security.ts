/** A policy `p` of the table speaks of the role. */
const OF_ROLE = `p.polrelid = t.oid and (0 = any (p.polroles)
  or exists (select from unnest(p.polroles) r where r <> 0 and pg_has_role(r, 'usage')))`;

/** SQL, of a word and a letter of `polcmd`: the word where policies may hide a row from such a command. */
const closedSql = (word: string, letter: string): string => `case when
  not exists (select from pg_policy p where ${OF_ROLE} and p.polpermissive and p.polcmd in ('*', '${letter}')
    and pg_get_expr(p.polqual, t.oid) = 'true')
  or exists (select from pg_policy p where ${OF_ROLE} and not p.polpermissive and p.polcmd in ('*', '${letter}')
    and pg_get_expr(p.polqual, t.oid) <> 'true') then '${word}' end`;

/**
 * SQL of a `RowSecurity` as JSON, null where row-level security does not apply to the role. Only `using (true)` is taken
 * as a promise that every row is seen: what any other condition hides nobody would miss.
 * @param table alias of `pg_class`
 * @param schema alias of its `pg_namespace`
 */
export const rowSecuritySql = (table: string, schema: string): string => `
  case when row_security_active(${table}.oid) then (
    select json_build_object(
      'closed', (select coalesce(json_agg(word), '[]') from unnest(array[${closedSql('select', 'r')},
        case when not exists (select from pg_policy p where ${OF_ROLE} and p.polpermissive and p.polcmd in ('*', 'a')
          and coalesce(pg_get_expr(p.polwithcheck, t.oid), pg_get_expr(p.polqual, t.oid), 'false') <> 'false') then 'insert' end,
        ${closedSql('update', 'w')}, ${closedSql('delete', 'd')}]) word where word is not null),
      'policies', (select coalesce(json_agg(p.polname order by p.polname), '[]') from pg_policy p
        where ${OF_ROLE} and p.polcmd in ('*', 'a', 'w')),
      'cure', case
        when pg_has_role(t.relowner, 'usage') then format('alter table %I.%I no force row level security', ${schema}.nspname, t.relname)
        when exists (select from pg_policy p where ${OF_ROLE} and not p.polpermissive) then format('alter role %I bypassrls', current_user)
        else format('create policy crosswalk_migration on %I.%I for all to %I using (true) with check (true)', ${schema}.nspname, t.relname, current_user)
      end)
    from pg_class t where t.oid = ${table}.oid) end`;

/** SQL of `Table.readable` as JSON; null where the role may read all, or none. */
export const readableSql = (table: string): string => `
  case when not has_table_privilege(${table}.oid, 'select') and has_any_column_privilege(${table}.oid, 'select') then (
    select json_agg(a.attname order by a.attnum) from pg_attribute a where a.attrelid = ${table}.oid and a.attnum > 0
      and not a.attisdropped and has_column_privilege(${table}.oid, a.attnum, 'select')) end`;
