/** Version 3. @param s the schema, quoted */
export const upgrade3 = (s: string): string => `
-- Triggers that a load has disabled (target.triggers) come back as dropped constraints do.
alter table ${s}.deferred drop constraint deferred_kind_check;
alter table ${s}.deferred add check (kind in ('unique', 'index', 'foreign_key', 'trigger'));

-- Pairs of rows that another mapping has made and this one fills, too (target.merge): they are not its to delete.
alter table ${s}.key_map add column merged boolean not null default false;

create or replace function ${s}.audit_deferred() returns trigger language plpgsql as $$
declare
  d record;
begin
  for d in select project, run, mapping, table_name, kind = 'trigger' as of_triggers,
      jsonb_agg(object order by ordinal) objects
    from changed group by project, run, mapping, table_name, of_triggers order by table_name, of_triggers
  loop
    perform ${s}.append_audit(d.project, d.run, case when d.of_triggers
        then case tg_op when 'INSERT' then 'triggers disabled' else 'triggers enabled again' end
        else case tg_op when 'INSERT' then 'constraints dropped' else 'constraints put back' end end,
      jsonb_build_object('mapping', d.mapping, 'table', d.table_name, 'objects', d.objects));
  end loop;
  return null;
end $$;
`;
