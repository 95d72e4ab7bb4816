/** Version 1: runs, steps and what they say of rows. @param s the schema, quoted */
export const upgrade1 = (s: string): string => `
create table ${s}.runs (
  run text primary key,
  project text not null,
  status text not null check (status in ('running', 'succeeded', 'failed', 'interrupted', 'abandoned')),
  -- Grows with every start; a batch of an older one is refused.
  epoch bigint generated always as identity,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  exit_code int,
  mappings_hash text not null,
  snapshot text,
  operator text not null,
  result jsonb
);
create table ${s}.steps (
  run text not null references ${s}.runs on delete cascade,
  mapping text not null,
  partition int not null default 0,
  status text not null default 'running',
  last_key text,
  backend_pid int,
  read bigint not null default 0,
  inserted bigint not null default 0,
  updated bigint not null default 0,
  unchanged bigint not null default 0,
  skipped bigint not null default 0,
  rejected bigint not null default 0,
  bytes bigint not null default 0,
  updated_at timestamptz not null default now(),
  primary key (run, mapping, partition)
);
create table ${s}.rejects (
  run text not null references ${s}.runs on delete cascade,
  mapping text not null,
  source_key text,
  column_name text,
  rule text not null,
  sqlstate text,
  reason text not null,
  value text,
  "row" jsonb,
  file text not null,
  line int not null
);
create index rejects_by_mapping on ${s}.rejects (run, mapping);
create table ${s}.warnings (like ${s}.rejects);
create index warnings_by_mapping on ${s}.warnings (run, mapping);
create table ${s}.skipped (
  run text not null references ${s}.runs on delete cascade,
  mapping text not null,
  source_key text,
  rule text not null,
  file text not null,
  line int not null
);
create index skipped_by_mapping on ${s}.skipped (run, mapping);
create table ${s}.key_map (
  project text not null,
  mapping text not null,
  source_key text not null,
  target_key text not null,
  run text not null,
  primary key (project, mapping, source_key)
);
create table ${s}.second_pass (
  run text not null,
  mapping text not null,
  column_name text not null,
  source_key text not null,
  target_key text not null,
  reference_key text not null,
  inserted boolean not null
);
create index second_pass_by_column on ${s}.second_pass (mapping, column_name);
-- Constraints and indexes that were dropped for a load: written with the DROP, deleted with the re-creation.
create table ${s}.deferred (
  project text not null,
  run text not null,
  mapping text not null,
  table_name text not null,
  object text not null,
  kind text not null check (kind in ('unique', 'index', 'foreign_key')),
  ordinal int not null,
  drop_sql text not null,
  create_sql text[] not null,
  validate_sql text,
  violators_sql text,
  -- How the mapping's rows are told from others.
  own_rows jsonb not null,
  dropped_at timestamptz not null default clock_timestamp(),
  primary key (project, table_name, object, kind)
);

create function ${s}.checkpoint(
  a_run text, an_epoch bigint, a_mapping text, a_partition int, a_key text, a_read bigint, an_inserted bigint,
  an_updated bigint, an_unchanged bigint, a_skipped bigint, a_rejected bigint, a_bytes bigint
) returns void language plpgsql as $$
begin
  -- Held until the commit: whoever marks the run abandoned waits for this batch, so that none appears behind his back.
  perform from ${s}.runs r where r.run = a_run for share;
  update ${s}.steps t
  set last_key = coalesce(a_key, t.last_key), backend_pid = pg_backend_pid(), read = t.read + a_read,
      inserted = t.inserted + an_inserted, updated = t.updated + an_updated,
      unchanged = t.unchanged + an_unchanged, skipped = t.skipped + a_skipped,
      rejected = t.rejected + a_rejected, bytes = t.bytes + a_bytes, updated_at = clock_timestamp()
  from ${s}.runs r
  where t.run = a_run and t.mapping = a_mapping and t.partition = a_partition
    and r.run = t.run and r.epoch = an_epoch and r.status = 'running';
  if not found then
    raise exception 'run % is not the running one any more', a_run using errcode = 'ETL02';
  end if;
end $$;
`;
