import type { ProjectFiles } from '../support/project.js';

/** More than a second pass completes in one transaction. */
const ROWS = 12_000;
const TEAMS = 2000;

/**
 * A tree whose rows all come before their parents, with orphans that take their children along, and a circle of two
 * tables: three second passes of several transactions each, with rows that no pass can complete.
 */
export const TREE: ProjectFiles = {
  source: `create table node (id int primary key, up int);
    insert into node select i, nullif(i + 1, ${String(ROWS + 1)}) + case when i % 1999 = 0 then 900000 else 0 end from generate_series(1, ${String(ROWS)}) i;
    create table team (id int primary key, lead int); insert into team select i, i + case when i % 400 = 0 then 9000 else 0 end from generate_series(1, ${String(TEAMS)}) i;
    create table person (id int primary key, team int not null); insert into person select i, i % 50 + 1 from generate_series(1, ${String(TEAMS)}) i`,
  target: `create table node (id int generated always as identity primary key, legacy int unique, up int references node);
    create table team (id int generated always as identity primary key, legacy int unique, lead int);
    create table person (id int generated always as identity primary key, legacy int unique, team int not null references team);
    alter table team add foreign key (lead) references person`,
  mappings: {
    node: `source: { table: node, key: id }
target: { table: node, key: legacy, identity: id }
columns: { legacy: id, up: { from: up, references: node, missing: null } }`,
    team: `source: { table: team, key: id }
target: { table: team, key: legacy, identity: id }
columns: { legacy: id, lead: { from: lead, references: person } }
max_rejects: 100%
stop_at: 100%`,
    person: `source: { table: person, key: id }
target: { table: person, key: legacy, identity: id }
columns: { legacy: id, team: { from: team, references: team } }
max_rejects: 100%
stop_at: 100%`,
  },
};
export const TREE_CONTENT = `
  select 'node' t, n.legacy k, u.legacy r from node n left join node u on u.id = n.up
  union all select 'team', t.legacy, p.legacy from team t left join person p on p.id = t.lead
  union all select 'person', p.legacy, t.legacy from person p join team t on t.id = p.team
  order by 1, 2`;
export const TREE_ACCOUNT = `
  select mapping, null key, jsonb_build_array(read, inserted, updated, unchanged, skipped, rejected, status) said from etl.steps
    where partition = 0
  union all select mapping, source_key, jsonb_build_array(column_name, rule, sqlstate) from etl.rejects
  union all select mapping, source_key, '"waits"' from etl.second_pass
  order by 1, 2, 3`;
export const TREE_EMPTY = 'truncate node, team, person; drop schema if exists etl cascade';

const THICKET_ROWS = 1200;

/** A tree with duplicates under two unique constraints and a broken foreign key; notes by kept pairs. */
export const THICKET: ProjectFiles = {
  source: `create table node (id int primary key, up int, code int, r int);
    insert into node select i, case when i % 7 = 0 then i / 2 end, i % 1160, i % 31 from generate_series(1, ${String(THICKET_ROWS)}) i;
    create table note (id text primary key, node int, code int);
    insert into note select 'n' || i, i, i % 1180 from generate_series(1, ${String(THICKET_ROWS)}) i`,
  target: `create table r (id int primary key); insert into r select generate_series(0, 29);
    create table node (id int generated always as identity primary key, legacy int constraint node_legacy unique,
      up int constraint node_up references node, code int constraint node_code unique, r int constraint node_r references r);
    create index node_by_up on node (up); comment on constraint node_code on node is 'of the code';
    create table note (id int generated always as identity primary key, node int constraint note_node references node, code int constraint note_code unique)`,
  mappings: {
    node: 'source: { table: node, key: id }\ntarget: { table: node, key: legacy, identity: id, constraints: rebuild }\ncolumns: { legacy: id, up: { from: up, references: node }, code: code, r: r }\nmax_rejects: 100%\nstop_at: 100%',
    note: 'source: { table: note, key: id }\ntarget: { table: note, identity: id, constraints: rebuild }\ncolumns: { node: { from: node, references: node }, code: code }\nmax_rejects: 100%\nstop_at: 100%\nchecks: [content, sum: code]',
  },
  settings: 'defaults: { batch_rows: 20 }',
};
export const THICKET_CONTENT = `
  select 'node' t, n.legacy::text k, concat_ws(' ', u.legacy, n.code, n.r) v from node n left join node u on u.id = n.up
  union all select 'note', t.code::text, n.legacy::text from note t join node n on n.id = t.node
  union all select 'pair ' || k.mapping, k.source_key, t.code::text from etl.key_map k left join note t on t.id = k.target_key::int
  union all select conrelid::regclass::text, conname, concat_ws(' ', pg_get_constraintdef(oid), convalidated, obj_description(oid, 'pg_constraint'))
    from pg_constraint where conrelid in ('node'::regclass, 'note'::regclass)
  union all select tablename, indexname, indexdef from pg_indexes where tablename in ('node', 'note')
  order by 1, 2, 3`;
// A row that was rejected and comes again may break another constraint first: rows have come behind it.
export const THICKET_COUNTS = `select mapping, read::int, (inserted + updated + unchanged)::int loaded, rejected::int, status,
    (select json_agg(j.source_key order by j.source_key) from etl.rejects j where j.run = s.run and j.mapping = s.mapping)
  from etl.steps s where run = (select run from etl.runs order by epoch desc limit 1) order by 1`;
export const THICKET_EMPTY = 'truncate node, note; drop schema if exists etl cascade';
