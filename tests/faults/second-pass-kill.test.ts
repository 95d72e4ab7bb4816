import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProject, type Child, type TestProject } from '../support/project.js';

/** More than a second pass completes in one transaction. */
const ROWS = 12_000;
const TEAMS = 2000;

/**
 * A tree whose rows all come before their parents, with orphans that take their children along, and a circle of two
 * tables: three second passes of several transactions each, with rows that no pass can complete.
 */
const TREE = {
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
const CONTENT = `
  select 'node' t, n.legacy k, u.legacy r from node n left join node u on u.id = n.up
  union all select 'team', t.legacy, p.legacy from team t left join person p on p.id = t.lead
  union all select 'person', p.legacy, t.legacy from person p join team t on t.id = p.team
  order by 1, 2`;
const ACCOUNT = `
  select mapping, null key, jsonb_build_array(read, inserted, updated, unchanged, skipped, rejected, status) said from etl.steps
    where partition = 0
  union all select mapping, source_key, jsonb_build_array(column_name, rule, sqlstate) from etl.rejects
  union all select mapping, source_key, '"waits"' from etl.second_pass
  order by 1, 2, 3`;

let project: TestProject;
let wanted: readonly unknown[];

const left = async (): Promise<readonly unknown[]> => [
  await project.target(CONTENT),
  await project.target(ACCOUNT),
];

beforeAll(async () => {
  project = await createProject(TREE);
  const { code, output } = await project.spawn().ended;
  if (code !== 0) throw new Error(output);
  wanted = await left();
}, 300_000);
afterAll(() => project.drop());
beforeEach(async () => {
  await project.target('truncate node, team, person; drop schema if exists etl cascade');
});

/** Waits until rows of a mapping wait for their second pass, and some of them no longer do. */
async function inPassOf(child: Child, mapping: string): Promise<boolean> {
  let most = 0;
  while (child.process.exitCode === null) {
    const [there] = await project.target("select to_regclass('etl.second_pass') is not null there");
    const [row] =
      there?.['there'] === true
        ? await project.target('select count(*)::int n from etl.second_pass where mapping = $1', [mapping])
        : [];
    const now = Number(row?.['n'] ?? 0);
    if (now < most) return true;
    most = now;
    await wait(2);
  }
  return false;
}

describe('kill -9 while second passes are at work: resume ends, and counts, as if it had not been', () => {
  it.for(['node', 'team'] as const)(
    'in that of %s, and once more in the resume',
    { timeout: 300_000 },
    async (mapping) => {
      let killed = 0;
      for (const command of ['run', 'resume']) {
        const child = project.spawn([], command);
        if (await inPassOf(child, mapping)) killed += 1;
        child.process.kill('SIGKILL');
        await child.ended;
      }
      expect(killed).toBeGreaterThan(0);
      const { code, output } = await project.spawn([], 'resume').ended;
      expect([code, output]).toEqual([0, expect.any(String)]);
      expect(await left()).toEqual(wanted);
    },
  );
});
