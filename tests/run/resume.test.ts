import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../engine/contract/result.js';
import {
  accountingFaults,
  countsOf,
  withProject,
  type ProjectFiles,
  type TestProject,
} from '../support/project.js';

const ROWS = 200;

/** Parents and children by keys that merge, notes by kept pairs, prices by keys that do not merge. */
const FILES: ProjectFiles = {
  source: `create table parent (id int primary key, name text, hidden boolean default false);
    insert into parent select i, 'p' || i from generate_series(1, ${String(ROWS)}) i;
    create table child (id int primary key, parent int, v int);
    insert into child select i, 1 + i % ${String(ROWS)}, i from generate_series(1, ${String(ROWS)}) i;
    create table note (owner int, n int, text text, primary key (owner, n));
    insert into note select 1 + i % ${String(ROWS)}, i, 't' || i from generate_series(1, ${String(ROWS)}) i;
    create table price (id numeric primary key, parent int, v int);
    insert into price select i + 0.5, i, i from generate_series(1, ${String(ROWS)}) i`,
  target: `create table parent (id int generated always as identity primary key, legacy int unique, name text check (name <> 'bad'));
    create table child (id int generated always as identity primary key, legacy int unique, parent int not null references parent, v int);
    create table note (id int generated always as identity primary key, owner int not null references parent, text text);
    create table price (id int generated always as identity primary key, legacy numeric unique, parent int references parent, v int)`,
  mappings: {
    parent:
      'source: { table: parent, key: id, skip_when: { hidden: hidden } }\ntarget: { table: parent, key: legacy, identity: id }\ncolumns: { legacy: id, name: name }',
    child:
      'source: { table: child, key: id }\ntarget: { table: child, key: legacy, identity: id }\ncolumns: { legacy: id, parent: { from: parent, references: parent }, v: v }',
    note: 'source: { table: note, key: [owner, n] }\ntarget: { table: note, identity: id }\ncolumns: { owner: { from: owner, references: parent }, text: text }',
    price:
      'source: { table: price, key: id }\ntarget: { table: price, key: legacy, identity: id }\ncolumns: { legacy: id, parent: { from: parent, references: parent }, v: v }',
  },
  settings: 'defaults: { batch_rows: 20, max_rejects: 100%, stop_at: 100% }',
};

const CONTENT = `
  select 'parent' t, p.legacy::text k, p.name v from parent p
  union all select 'child', c.legacy::text, p.legacy || ' ' || c.v from child c join parent p on p.id = c.parent
  union all select 'note', n.text, p.legacy::text from note n join parent p on p.id = n.owner
  union all select 'pair', k.source_key, n.text from etl.key_map k left join note n on n.id = k.target_key::int
  union all select 'price', r.legacy::text, p.legacy || ' ' || r.v from price r join parent p on p.id = r.parent
  union all select 'reject ' || r.mapping, r.source_key, r.rule || ' ' || coalesce(r.column_name, '') from etl.rejects r
    where run = (select run from etl.runs order by epoch desc limit 1)
  order by 1, 2, 3`;

const accounts = (result: RunResult): unknown =>
  Object.fromEntries(
    result.mappings.map((m) => [
      m.mapping,
      [m.status, m.read, m.inserted, m.updated, m.unchanged, m.skipped, m.rejected, m.unexplained],
    ]),
  );

/** Runs until a mapping has read so many rows, and gives the interrupted run. */
async function interrupt(
  project: TestProject,
  mapping: string,
  rows: number,
  resume?: string,
): Promise<string> {
  const { run, status } = await project.run({
    jobs: 1,
    ...(resume === undefined ? {} : { resume }),
    onEvent: (event, stop) => {
      if (event.type === 'batch' && event.mapping === mapping && event.progress.read >= rows)
        stop.request('the test');
    },
  });
  expect(status).toBe('interrupted');
  return run;
}

/** What a run that nobody interrupted makes of the source as it is now. */
async function undisturbed(project: TestProject): Promise<readonly [unknown, unknown]> {
  await project.target('truncate parent, child, note, price; drop schema etl cascade');
  const result = await project.run();
  return [accounts(result), await project.target(CONTENT)];
}

async function resumed(project: TestProject, run: string): Promise<readonly [unknown, unknown]> {
  const result = await project.run({ resume: run });
  expect(result.run).toBe(run);
  return [accounts(result), await project.target(CONTENT)];
}

describe('a run that is gone on with', () => {
  it.for([
    ['parent', 60],
    ['child', 60],
    ['note', 60],
    ['price', 60],
  ] as const)('after %s, %i rows: counts and rows of an undisturbed one', ([mapping, rows]) =>
    withProject(FILES, async (project) => {
      const run = await interrupt(project, mapping, rows);
      const after = await resumed(project, run);
      expect(after).toEqual(await undisturbed(project));
    }),
  );

  it('twice', () =>
    withProject(FILES, async (project) => {
      const run = await interrupt(project, 'child', 100);
      await interrupt(project, 'note', 60, run);
      expect(await resumed(project, run)).toEqual(await undisturbed(project));
    }));

  it.for([
    [
      'changed',
      "update parent set name = name || '!' where id % 7 = 0; update child set v = -v where id % 5 = 0; update note set text = 'new ' || n where n % 3 = 0",
    ],
    [
      'new',
      "insert into parent values (0, 'new'); insert into child values (0, 0, 0); insert into note values (0, 0, 'new')",
    ],
    [
      'gone',
      'delete from child where id % 5 = 0; delete from note where n % 4 = 0; delete from price where v % 9 = 0; delete from parent where id % 50 = 0',
    ],
    ['bad', "update parent set name = 'bad' where id % 20 = 0"],
    ['skipped', 'update parent set hidden = true where id % 30 = 0'],
    [
      'moved',
      'update child set id = id + 1000 where id % 6 = 0; update note set n = n + 1000 where n % 6 = 0',
    ],
  ] as const)('where rows of the source are %s by then: as an undisturbed one sees them', ([, edit]) =>
    withProject(FILES, async (project) => {
      const run = await interrupt(project, 'price', 60);
      await project.source(edit);
      const after = await resumed(project, run);
      expect(after).toEqual(await undisturbed(project));
    }),
  );

  it('rows that the run did not bring stay what they were: updated and unchanged are counted so', () =>
    withProject(FILES, async (project) => {
      await project.run();
      await project.source(
        "update parent set name = 'later' where id % 3 = 0; insert into parent values (999, 'new')",
      );
      const run = await interrupt(project, 'parent', 100);
      const [counts] = await resumed(project, run);
      const third = Math.floor(ROWS / 3);
      expect(counts).toMatchObject({
        parent: ['succeeded', ROWS + 1, 1, third, ROWS - third, 0, 0, 0],
        price: ['succeeded', ROWS, 0, 0, ROWS, 0, 0, 0],
      });
    }));

  it('rows of others that refer to a row which is gone keep it, with words', () =>
    withProject(FILES, async (project) => {
      const run = await interrupt(project, 'price', 60);
      await project.target(
        'create table visit (parent int references parent); grant select on visit to public; insert into visit select id from parent where legacy = 50',
      );
      await project.source(
        'delete from child where parent = 50; delete from note where owner = 50; delete from price where parent = 50; delete from parent where id = 50',
      );
      const result = await project.run({ resume: run });
      expect(result.mappings.find((m) => m.mapping === 'parent')).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/gone in the source.*1 rows of public\.visit refer to them/) as unknown,
      });
      expect(await project.target('select count(*)::int n from parent where legacy = 50')).toEqual([
        { n: 1 },
      ]);
      await project.target('drop table visit');
      await resumed(project, run);
      expect(await project.target('select count(*)::int n from parent where legacy = 50')).toEqual([
        { n: 0 },
      ]);
    }));

  it('mode insert does not take its own rows for others’', () =>
    withProject(FILES, async (project) => {
      await project.write(
        'parent',
        (FILES.mappings['parent'] ?? '').replace('identity: id', 'identity: id, mode: insert'),
      );
      const run = await interrupt(project, 'child', 60);
      expect(await resumed(project, run)).toEqual(await undisturbed(project));
    }));
});

describe('a mapping that was edited in between', () => {
  it('is said, and its rows are made anew', () =>
    withProject(FILES, async (project) => {
      const run = await interrupt(project, 'child', 60);
      await project.write(
        'parent',
        (FILES.mappings['parent'] ?? '').replace('name: name', 'name: { from: name, steps: [upper] }'),
      );
      const said: string[] = [];
      await project.run({
        resume: run,
        onEvent: (event) => event.type === 'notice' && said.push(event.message),
      });
      expect(said.join('\n')).toMatch(/mapping parent was edited/);
      expect(said.join('\n')).not.toMatch(/mapping child was edited/);
      expect(await project.target("select count(*)::int n from parent where name ~ '^p'")).toEqual([
        { n: 0 },
      ]);
    }));

  it('a comment is no edit', () =>
    withProject(FILES, async (project) => {
      const run = await interrupt(project, 'child', 60);
      await project.write('parent', `# a comment\n\n${FILES.mappings['parent'] ?? ''}`);
      const said: string[] = [];
      await project.run({
        resume: run,
        onEvent: (event) => event.type === 'notice' && said.push(event.message),
      });
      expect(said.join('\n')).not.toMatch(/edited/);
    }));

  it('another key is refused: the rows would not be found again', () =>
    withProject(FILES, async (project) => {
      const run = await interrupt(project, 'child', 60);
      await project.target('alter table parent add other int unique');
      await project.write('parent', (FILES.mappings['parent'] ?? '').replaceAll('legacy', 'other'));
      await expect(project.run({ resume: run })).rejects.toThrow(/mapping parent has another key/);
    }));
});

it('counts the changes of rows that a composite key finds', () =>
  withProject(
    {
      source: `create table item (id int primary key, v int); insert into item select i, i from generate_series(1, 60) i`,
      target: `create table item (id bigint generated always as identity primary key, kind text, legacy int, v int, unique (kind, legacy))`,
      mappings: {
        item: 'source: { table: item, key: id }\ntarget: { table: item, key: [kind, legacy], identity: { column: id, strategy: database } }\ncolumns: { kind: { value: a }, legacy: id, v: v }',
      },
    },
    async (project) => {
      await project.run();
      await project.source('update item set v = -v where id % 3 = 0');
      const changed = await project.run();
      // As after a kill between the load's commit and the run's end.
      await project.target("update etl.runs set status = 'running' where run = $1", [changed.run]);
      const resumed = await project.run({ resume: changed.run });
      expect(await accountingFaults(project, resumed)).toEqual([]);
      expect(countsOf(resumed, 'item')).toBe('read 60, updated 20, unchanged 40');
    },
  ));
