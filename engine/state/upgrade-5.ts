/** Version 5. @param s the schema, quoted */
export const upgrade5 = (s: string): string => `
-- The steps of the run, and what waits for what: status and dashboard reckon the time left by it.
alter table ${s}.runs add column plan jsonb;

-- As before, but for a load that read less than all (delta, replay): what a rollback has taken back since then, it took for
-- made good. So it has proven nothing; of what was open before it, each reject is open again until a load has read its row.
create or replace view ${s}.open_rejects as
with step as (
  select r.project, r.run, r.epoch, r.kind, r.started_at, s.mapping, s.status,
    r.kind = 'run' and s.read_from is null as whole
  from ${s}.steps s join ${s}.runs r on r.run = s.run
  where s.partition = 0 and s.status <> 'rolled_back' and r.status <> 'rolled_back'
), taken as (
  select r.project, s.mapping, r.epoch, s.updated_at as at
  from ${s}.steps s join ${s}.runs r on r.run = s.run
  where s.partition = 0 and s.status = 'rolled_back'
), complete as (
  select p.project, p.mapping, max(p.epoch) as epoch, max(p.epoch) filter (where p.whole) as whole from step p
  where p.status = 'succeeded' and p.kind in ('run', 'replay') and (p.whole or not exists (
    select from taken t where t.project = p.project and t.mapping = p.mapping and t.epoch < p.epoch and t.at > p.started_at))
  group by p.project, p.mapping
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
`;
