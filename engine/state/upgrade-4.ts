/** Version 4: where the time of a run goes. @param s the schema, quoted */
export const upgrade4 = (s: string): string => `
alter table ${s}.steps
  -- Until now "bytes" has held these.
  add column bytes_read bigint not null default 0,
  -- Times that something was tried again; of the mapping, in partition 0.
  add column retries int not null default 0,
  -- Of the process, resident, at the last checkpoint.
  add column memory bigint,
  -- Seconds by place, as far as they were known at the last checkpoint.
  add column spent jsonb,
  -- What was chosen for the load, and why. Of partition 0 alone.
  add column settings jsonb;
update ${s}.steps set bytes_read = bytes;

-- How far a mapping's range was at some moments, at most some 600 of it.
create table ${s}.samples (
  run text not null references ${s}.runs on delete cascade,
  mapping text not null,
  partition int not null,
  at timestamptz not null default clock_timestamp(),
  read bigint not null,
  written bigint not null,
  rejected bigint not null,
  bytes bigint not null,
  memory bigint
);
create index samples_by_mapping on ${s}.samples (run, mapping, partition, at);

-- Writes down what was measured: spent, retries, memory; sample: a sample is due, thin: every other one is to go before.
create function ${s}.measure(a_run text, a_mapping text, a_partition int, a_measured jsonb)
returns void language plpgsql as $$
begin
  update ${s}.steps t
  set spent = coalesce(a_measured -> 'spent', t.spent), retries = coalesce((a_measured ->> 'retries')::int, t.retries),
      memory = coalesce((a_measured ->> 'memory')::bigint, t.memory)
  where t.run = a_run and t.mapping = a_mapping and t.partition = a_partition;
  if (a_measured ->> 'thin')::boolean then
    delete from ${s}.samples d using (
      select o.ctid, row_number() over (order by o.at) n from ${s}.samples o
      where o.run = a_run and o.mapping = a_mapping and o.partition = a_partition
    ) o where d.ctid = o.ctid and o.n % 2 = 0;
  end if;
  if (a_measured ->> 'sample')::boolean then
    insert into ${s}.samples (run, mapping, partition, read, written, rejected, bytes, memory)
    select run, mapping, partition, read, inserted + updated, rejected, bytes, memory from ${s}.steps t
    where t.run = a_run and t.mapping = a_mapping and t.partition = a_partition;
  end if;
end $$;

drop function ${s}.checkpoint(text, bigint, text, int, text, bigint, bigint, bigint, bigint, bigint, bigint, bigint);
create function ${s}.checkpoint(
  a_run text, an_epoch bigint, a_mapping text, a_partition int, a_key text, a_read bigint, an_inserted bigint,
  an_updated bigint, an_unchanged bigint, a_skipped bigint, a_rejected bigint, a_bytes bigint,
  a_bytes_read bigint default 0, a_measured jsonb default null
) returns void language plpgsql as $$
begin
  -- Held until the commit: whoever marks the run abandoned waits for this batch, so that none appears behind his back.
  perform from ${s}.runs r where r.run = a_run for share;
  update ${s}.steps t
  set last_key = coalesce(a_key, t.last_key), batches = t.batches + 1,
      read = t.read + a_read, inserted = t.inserted + an_inserted, updated = t.updated + an_updated,
      unchanged = t.unchanged + an_unchanged, skipped = t.skipped + a_skipped,
      rejected = t.rejected + a_rejected, bytes = t.bytes + a_bytes, bytes_read = t.bytes_read + a_bytes_read,
      spent = coalesce(a_measured -> 'spent', t.spent), retries = coalesce((a_measured ->> 'retries')::int, t.retries),
      memory = coalesce((a_measured ->> 'memory')::bigint, t.memory), updated_at = clock_timestamp()
  from ${s}.runs r
  where t.run = a_run and t.mapping = a_mapping and t.partition = a_partition
    and r.run = t.run and r.epoch = an_epoch and r.status = 'running';
  if not found then
    raise exception 'run % is not the running one any more', a_run using errcode = 'ETL02';
  end if;
  -- About once a second of a mapping's batches.
  if (a_measured ->> 'sample')::boolean then
    perform ${s}.measure(a_run, a_mapping, a_partition, a_measured);
  end if;
end $$;
`;
