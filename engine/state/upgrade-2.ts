import { upgrade2Audit } from './upgrade-2-audit.js';

/** Version 2: what resume, rollback, delta and the audit stand on. @param s the schema, quoted */
export const upgrade2 = (s: string): string => `
alter table ${s}.runs drop constraint runs_status_check;
alter table ${s}.runs
  add check (status in ('running', 'succeeded', 'failed', 'interrupted', 'abandoned', 'rolled_back')),
  -- limit: N rows of each mapping; replay: rejected rows alone. Neither says what the whole source holds.
  add column kind text not null default 'run' check (kind in ('run', 'limit', 'replay')),
  -- The mappings that the run loads, in the order of their names: what a resume goes on with.
  add column selection text[],
  -- Of each mapping, a hash over all that decides about its rows: its file, look-ups, steps, both tables.
  add column hashes jsonb,
  add column resumes int not null default 0,
  -- What it was started with: versions, commit, options, both ends without secrets; the planner's estimate of each mapping's rows.
  add column provenance jsonb,
  -- By source connection: when the snapshot was taken and the oldest transaction then in flight, ISO 8601 in UTC.
  add column watermarks jsonb;
alter table ${s}.steps
  -- Batches that are committed: tells a retry whether the commit whose answer it missed took place.
  add column batches bigint not null default 0,
  add column started_at timestamptz not null default clock_timestamp(),
  -- Of the backend in backend_pid, which whoever writes the rows announces before the first of them, so that a
  -- successor can end it: a pid alone may be another's by now.
  add column backend_start timestamptz,
  -- The time from which a delta run read; null where it read everything.
  add column read_from timestamptz,
  -- How the mapping's rows are told from others, and the mappings that it refers to: what a rollback goes by, for the
  -- mapping's file may have changed since. Of partition 0 alone.
  add column own_rows jsonb,
  add column refers_to text[],
  -- A hash over the contents of its look-ups: others than before make a delta run read everything.
  add column lookups text;

-- What each committed batch wrote, for rollback and resume: rows are told by their xmin.
create table ${s}.batches (
  run text not null references ${s}.runs on delete cascade,
  mapping text not null,
  partition int not null default 0,
  -- 64 bits: a row's xmin are the lower 32 of it.
  xid bigint not null default txid_current(),
  -- xmin of rows that were written in subtransactions.
  xids bigint[] not null default '{}',
  -- New rows: stretches of ids where a sequence gave them …
  ids int8range[] not null default '{}',
  -- … else their handles, as key_map's target_key has them.
  created json,
  at timestamptz not null default clock_timestamp()
);
create index batches_by_mapping on ${s}.batches (run, mapping);

-- Rows as they were before a run changed, replaced or deleted them; the oldest entry of a row counts.
create table ${s}.undo (
  id bigint generated always as identity primary key,
  run text not null references ${s}.runs on delete cascade,
  mapping text not null,
  kind text not null check (kind in ('updated', 'deleted')),
  -- As key_map's target_key has it.
  handle text not null,
  -- The row's xmin before: whose row it was.
  was_xid bigint not null,
  -- The columns' texts by name: those that the run wrote, all but generated ones of a deleted row.
  was jsonb not null,
  -- Of a deleted row, the pair that key_map held of it, and the run that had made it.
  source_key text,
  pair_run text
);
create index undo_by_mapping on ${s}.undo (run, mapping, handle);

-- Tables that a run has emptied to replace their rows (target.mode), in the transaction that did it: a resume does
-- not empty them again.
create table ${s}.emptied (
  run text not null references ${s}.runs on delete cascade,
  mapping text not null,
  -- Rows that gave way.
  rows bigint not null,
  at timestamptz not null default clock_timestamp(),
  primary key (run, mapping)
);

-- Rejects that nothing has made good yet. A reject is open until a later run has read its key and not rejected it:
-- a load that came to its end has read every open reject of its mapping, whatever else it left aside (delta,
-- replay; rows without a key only a load of every row has read); one of a limited run, or one that ended early, has proven nothing. Of a key the last run that rejected it counts.
create view ${s}.open_rejects as
with step as (
  select r.project, r.run, r.epoch, r.kind, s.mapping, s.status, s.read_from
  from ${s}.steps s join ${s}.runs r on r.run = s.run
  where s.partition = 0 and s.status <> 'rolled_back' and r.status <> 'rolled_back'
), complete as (
  select project, mapping, max(epoch) epoch, max(epoch) filter (where kind = 'run' and read_from is null) whole from step
  where status = 'succeeded' and kind in ('run', 'replay') group by project, mapping
)
select project, run, epoch, mapping, source_key, column_name, rule, sqlstate, reason, value, "row", file, line
from (
  select t.project, t.run, t.epoch, j.mapping, j.source_key, j.column_name, j.rule, j.sqlstate, j.reason, j.value,
    j."row", j.file, j.line, max(t.epoch) over (partition by t.project, j.mapping, j.source_key) as last
  from ${s}.rejects j
  join step t on t.run = j.run and t.mapping = j.mapping
  left join complete c on c.project = t.project and c.mapping = t.mapping
  where t.epoch >= coalesce(case when j.source_key is null or j.rule = 'key' then c.whole else c.epoch end, 0)
) of_key
where epoch = last;

-- The order in which rows wait: a second pass goes on behind the ones that it has dealt with.
alter table ${s}.second_pass add column id bigint generated always as identity;
drop index ${s}.second_pass_by_column;
create index second_pass_by_column on ${s}.second_pass (mapping, column_name, id);

${upgrade2Audit(s)}
create or replace function ${s}.checkpoint(
  a_run text, an_epoch bigint, a_mapping text, a_partition int, a_key text, a_read bigint, an_inserted bigint,
  an_updated bigint, an_unchanged bigint, a_skipped bigint, a_rejected bigint, a_bytes bigint
) returns void language plpgsql as $$
begin
  -- Held until the commit: whoever marks the run abandoned waits for this batch, so that none appears behind his back.
  perform from ${s}.runs r where r.run = a_run for share;
  update ${s}.steps t
  set last_key = coalesce(a_key, t.last_key), batches = t.batches + 1,
      read = t.read + a_read, inserted = t.inserted + an_inserted, updated = t.updated + an_updated,
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
