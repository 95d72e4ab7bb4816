import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlatforms } from '../support/platforms.js';
import { projectIn, type Child, type TestProject } from '../support/project.js';
import { rollback, spawnRollback } from '../support/rollback.js';

/** A tree in which rows come before their parents, with orphans; notes whose keys are kept as pairs. */
const ROWS = 500;
const SOURCE = `
  create table public.node (id int primary key, up int, name text);
  insert into public.node select i, nullif((i * 7919) % ${String(ROWS + 40)}, 0), 'n' || i from generate_series(1, ${String(ROWS)}) i;
  create table public.note (node int, n int, v int, primary key (node, n));
  insert into public.note select i % 240 + 1, i, i from generate_series(1, ${String(ROWS)}) i;`;

/** Another role's tables under forced row-level security; policies refuse rows when they come and in their second pass. */
const target = (writer: string, admin: string): string => `
  create table node (id int generated always as identity primary key, legacy int not null unique, up int references node, name text);
  create table note (id int generated always as identity primary key, node int not null references node, v int check (v % 200 <> 50));
  insert into node (legacy, name) select i * 100, 'before' from generate_series(1, 5) i;
  do $$ declare name text; begin foreach name in array '{node,note}'::text[] loop
    execute format('alter table %I owner to ${admin}; alter table %I enable row level security; alter table %I force row level security', name, name, name);
    execute format('grant select, insert, update, delete on %I to ${writer}; create policy sees on %I for select to ${writer} using (true);
      create policy takes on %I for delete to ${writer} using (true)', name, name, name);
  end loop; end $$;
  create policy adds on node for insert to ${writer} with check (legacy % 37 <> 0);
  create policy turns on node for update to ${writer} using (true) with check (up is null or legacy % 31 <> 0);
  create policy adds on note for insert to ${writer} with check (v % 29 <> 0);
  create policy turns on note for update to ${writer} using (true);
  grant usage on sequence node_id_seq, note_id_seq to ${writer}`;

const MAPPINGS = {
  node: `source: { table: node, key: id }
target: { table: node, key: legacy, identity: id }
columns: { legacy: id, name: name, up: { from: up, references: node } }`,
  note: `source: { table: note, key: [node, n] }
target: { table: note, identity: id }
columns: { node: { from: node, references: node }, v: v }`,
};

const CONTENT = `
  select 'node' t, n.legacy::text k, concat_ws(' ', n.name, u.legacy) v from node n left join node u on u.id = n.up
  union all select 'note', t.v::text, n.legacy::text from note t join node n on n.id = t.node order by 1, 2`;
/**
 * What a resumed run says of itself is what an undisturbed one says; but whose parent is there by then is refused as a
 * whole row, not for the column of its second pass.
 */
const BOOKS = `
  select mapping, null key, jsonb_build_array(read, inserted, updated, unchanged, skipped, rejected, status) said from etl.steps where partition = 0
  union all select mapping, source_key, jsonb_build_array(case when sqlstate is null then column_name end, rule, sqlstate) from etl.rejects
  union all select mapping, source_key, '"waits"' from etl.second_pass
  union all select k.mapping, k.source_key, jsonb_build_array(t.v) from etl.key_map k left join note t on t.id = k.target_key::int
  order by 1, 2, 3`;

let project: TestProject;

beforeAll(async () => {
  const { databases, roles } = await createPlatforms({ bypassesPolicies: false });
  project = await projectIn(databases, {
    mappings: MAPPINGS,
    settings: 'defaults: { batch_rows: 20, max_rejects: 100%, stop_at: 100% }',
  });
  await project.source(`${SOURCE} grant select on all tables in schema public to ${roles.reader}`);
  await project.target(target(roles.writer, roles.admin));
}, 60_000);
afterAll(() => project.drop());

const left = async (): Promise<readonly unknown[]> => [
  await project.target(CONTENT),
  await project.target(BOOKS),
];

/** A number that a query of the state gives; 0 while there is no state. */
async function count(sql: string): Promise<number> {
  const [state] = await project.target("select to_regclass('etl.batches') is not null there");
  if (state?.['there'] !== true) return 0;
  return Number((await project.target(`select (${sql})::int n`))[0]?.['n'] ?? 0);
}

/** Ends a process for good when something is so; whether it was while the process was at work. */
async function killedWhen(child: Child, holds: () => Promise<boolean>): Promise<boolean> {
  let held = false;
  while (child.process.exitCode === null && !(held = await holds())) await wait(10);
  child.process.kill('SIGKILL');
  await child.ended;
  return held;
}

const read = (rows: number) => async (): Promise<boolean> =>
  (await count('select coalesce(sum(read), 0) from etl.steps')) >= rows;

/** All rows of the tree are read, and some of them no longer wait: its second pass is at work. */
function passWorks(): () => Promise<boolean> {
  let most = 0;
  return async () => {
    const now = await count('select count(*) from etl.second_pass');
    most = Math.max(most, now);
    return now < most && (await read(ROWS)());
  };
}

async function ends(child: Child): Promise<void> {
  const { code, output } = await child.ended;
  expect([code, output]).toEqual([0, expect.any(String)]);
}

it('kill -9 of a run under policies, while rows come and in the second pass: resume ends, and counts, as if it had not been', async () => {
  const before = await project.target(CONTENT);
  expect((await project.run()).exitCode).toBe(0);
  const wanted = await left();
  expect(
    await project.target(`select distinct sqlstate from etl.rejects where mapping = 'node' order by 1`),
  ).toEqual([{ sqlstate: '42501' }, { sqlstate: null }]);
  await rollback(project);
  expect(await project.target(CONTENT)).toEqual(before);
  await project.target('drop schema etl cascade');

  const moments = [
    ['run', read(300)],
    ['resume', passWorks()],
  ] as const;
  const killed: boolean[] = [];
  for (const [command, moment] of moments) killed.push(await killedWhen(project.spawn([], command), moment));
  expect(killed).toEqual([true, true]);
  await ends(project.spawn([], 'resume'));
  expect(await left()).toEqual(wanted);

  await killedWhen(spawnRollback(project), async () => {
    const there = await project.target(
      `select 1 from pg_stat_activity where application_name like 'crosswalk %' and datname = current_database() and query like '%etl_xids%'`,
    );
    return there.length > 0;
  });
  const [run] = await project.target('select status from etl.runs');
  if (run?.['status'] !== 'rolled_back') expect(await left()).toEqual(wanted);
  await spawnRollback(project).ended;
  expect(await project.target(CONTENT)).toEqual(before);
}, 120_000);
