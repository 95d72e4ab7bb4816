import type { ProjectFiles, TestProject } from '../support/project.js';

/** Parents of which one in fifty has another one's name, children found by kept pairs, a tree in any order with orphans, rows that the target refuses. */
export const herdOf = (rows: number): ProjectFiles => ({
  source: `create table owner (id int primary key, name text); insert into owner select i, 'n' || i - (i % 50 = 0)::int from generate_series(1, ${String(rows)}) i;
    create table node (id int primary key, up int); insert into node select i, nullif((i * 7919) % ${String(rows + 40)}, 0) from generate_series(1, ${String(rows)}) i;
    create table pet (owner int, n int, v int, primary key (owner, n)); insert into pet select i % ${String(Math.floor(rows / 2))} + 1, i, i from generate_series(1, ${String(rows)}) i`,
  target: `create table owner (id int generated always as identity primary key, legacy int unique, name text);
    create table node (id int generated always as identity primary key, legacy int unique, up int references node);
    create table pet (id int generated always as identity primary key, owner int not null references owner, v int check (v % 1000 <> 500));`,
  mappings: {
    owner:
      'source: { table: owner, key: id }\ntarget: { table: owner, key: legacy, identity: id }\ncolumns: { legacy: id, name: name }\nrules: [{ unique: [name] }]\nmax_rejects: 100%',
    node: 'source: { table: node, key: id }\ntarget: { table: node, key: legacy, identity: id }\ncolumns: { legacy: id, up: { from: up, references: node } }\nmax_rejects: 100%\nstop_at: 100%',
    pet: 'source: { table: pet, key: [owner, n] }\ntarget: { table: pet, identity: id }\ncolumns: { owner: { from: owner, references: owner }, v: v }\nmax_rejects: 100%',
  },
  settings: 'defaults: { batch_rows: 20 }',
});

export const HERD = herdOf(1500);

/** What the target holds, with ids replaced by the source's keys; and what the engine keeps of it. */
export const CONTENT = `
  select 'owner' t, legacy::text k, name v from owner
  union all select 'node', n.legacy::text, u.legacy::text from node n left join node u on u.id = n.up
  union all select 'pet', p.v::text, o.legacy::text from pet p join owner o on o.id = p.owner
  union all select 'pair ' || k.mapping, k.source_key, p.v::text from etl.key_map k left join pet p on p.id = k.target_key::int
  order by 1, 2`;
export const COUNTS = `select mapping, read::int, (inserted + updated + unchanged)::int loaded, rejected::int, status from etl.steps
  where run = (select run from etl.runs order by epoch desc limit 1) order by 1`;

/** Leaves the target as it was made. */
export const EMPTY = 'truncate owner, node, pet; drop schema if exists etl cascade';

/** What a run of the herd has left, to be compared. */
export const leftBy = async (project: TestProject): Promise<readonly unknown[]> => [
  await project.target(CONTENT),
  await project.target(COUNTS),
];
