/**
 * The hash of an audit entry `e`: sha256, hexadecimal, over the hash before and the entry as a JSON array (jsonb has
 * one text for one value). Plain SQL, so that whoever doubts the engine can compute it himself.
 */
export const hashSql = (e: string): string =>
  `encode(sha256(convert_to(coalesce(${e}.previous, '') || jsonb_build_array(${e}.id,
    to_char(${e}.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ${e}.project, ${e}.run, ${e}.operator,
    ${e}.database_user, ${e}.event, ${e}.details)::text, 'UTF8')), 'hex')`;

/**
 * Part of version 2: the audit. What happens to runs, dropped constraints and the schema itself is written down by
 * triggers, in the transaction in which it happens, whoever does it. @param s the schema, quoted
 */
export const upgrade2Audit = (s: string): string => `
-- Append-only: each entry carries the hash of the one before.
create table ${s}.audit (
  -- Without holes, from 1.
  id bigint primary key,
  at timestamptz not null,
  project text,
  run text,
  -- Who started the command, as his own machine names him; the database's user where that is unknown.
  operator text not null,
  database_user text not null,
  event text not null,
  details jsonb not null,
  previous text,
  hash text not null
);

create function ${s}.append_audit(a_project text, a_run text, an_event text, the_details jsonb) returns void
language plpgsql as $$
declare
  before ${s}.audit;
  entry ${s}.audit;
begin
  -- For a transaction that is taken back in any case: others need not wait for it.
  if current_setting('crosswalk.audit', true) = 'off' then return; end if;
  -- Until the commit: the next entry needs this one's hash. The last statement of a transaction, then.
  lock table ${s}.audit in exclusive mode;
  select * into before from ${s}.audit order by id desc limit 1;
  entry.id := coalesce(before.id, 0) + 1;
  entry.at := clock_timestamp();
  entry.project := a_project;
  entry.run := a_run;
  entry.operator := coalesce(nullif(current_setting('crosswalk.operator', true), ''), session_user);
  entry.database_user := session_user;
  entry.event := an_event;
  entry.details := coalesce(the_details, '{}');
  entry.previous := before.hash;
  entry.hash := ${hashSql('entry')};
  insert into ${s}.audit select entry.*;
end $$;

create function ${s}.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only: what happened stays written down', tg_table_schema, tg_table_name
    using errcode = 'ETL03';
end $$;
create trigger append_only before update or delete on ${s}.audit for each row execute function ${s}.refuse_change();
create trigger append_only_truncate before truncate on ${s}.audit execute function ${s}.refuse_change();

create function ${s}.audit_run() returns trigger language plpgsql as $$
declare
  event text;
  said jsonb;
  r ${s}.runs;
begin
  if tg_op = 'DELETE' then
    r := old;
    event := 'run deleted';
  else
    r := new;
    event := case
      when tg_op = 'INSERT' then 'run started'
      when new.resumes > old.resumes then 'run resumed'
      when new.status = old.status then null
      when new.status = 'running' then 'run resumed'
      when new.status = 'interrupted' then 'run interrupted'
      when new.status = 'abandoned' then 'run abandoned'
      when new.status = 'rolled_back' then 'run rolled back'
      else 'run finished' end;
  end if;
  if event is null then return null; end if;
  said := jsonb_build_object('kind', r.kind, 'status', r.status, 'snapshot', r.snapshot, 'mappings_hash', r.mappings_hash,
    'hashes', r.hashes, 'selection', to_jsonb(r.selection), 'provenance', r.provenance - 'estimates', 'operator', r.operator);
  if tg_op <> 'INSERT' then
    said := said || jsonb_build_object('exit_code', r.exit_code, 'result_sha256',
      encode(sha256(convert_to(r.result::text, 'UTF8')), 'hex'), 'mappings', (
        select jsonb_object_agg(m.mapping, to_jsonb(m) - 'mapping') from (
          select mapping, sum(read)::bigint "read", sum(inserted)::bigint inserted, sum(updated)::bigint updated,
            sum(unchanged)::bigint unchanged, sum(skipped)::bigint skipped, sum(rejected)::bigint rejected
          from ${s}.steps where run = r.run group by mapping) m));
  end if;
  perform ${s}.append_audit(r.project, r.run, event, jsonb_strip_nulls(said));
  return null;
end $$;
create trigger audit after insert or delete or update of status, resumes on ${s}.runs
  for each row execute function ${s}.audit_run();

create function ${s}.audit_deferred() returns trigger language plpgsql as $$
declare
  event text := case tg_op when 'INSERT' then 'constraints dropped' else 'constraints put back' end;
  d record;
begin
  for d in select project, run, mapping, table_name, jsonb_agg(object order by ordinal) objects
    from changed group by project, run, mapping, table_name order by table_name
  loop
    perform ${s}.append_audit(d.project, d.run, event,
      jsonb_build_object('mapping', d.mapping, 'table', d.table_name, 'objects', d.objects));
  end loop;
  return null;
end $$;
create trigger audit_dropped after insert on ${s}.deferred referencing new table as changed
  for each statement execute function ${s}.audit_deferred();
create trigger audit_back after delete on ${s}.deferred referencing old table as changed
  for each statement execute function ${s}.audit_deferred();

create function ${s}.audit_version() returns trigger language plpgsql as $$
begin
  perform ${s}.append_audit(null, null, 'state schema upgraded',
    jsonb_build_object('from', old.version, 'to', new.version));
  return null;
end $$;
create trigger audit after update on ${s}.version for each row execute function ${s}.audit_version();
`;
