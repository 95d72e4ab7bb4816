import { describe, expect, it } from 'vitest';
import { countsOf, withProject, type ProjectFiles } from '../support/project.js';
import { dump, lines, rollback } from '../support/rollback.js';

const SETTINGS = 'defaults: { batch_rows: 10 }';
const LOOSE = `
max_rejects: 100%
stop_at: 100%
`;

/** People with a manager and a city; cities with a mayor. */
const SOURCE = `create table city (id int primary key, name text, mayor int);
  create table person (id int primary key, name text, boss int, city int);
  insert into city select i, 'c' || i, 41 - i from generate_series(1, 12) i;
  insert into person select i, 'p' || i, case when i < 40 then i + 1 end, i % 12 + 1 from generate_series(1, 40) i;`;
const CHANGE = `update person set name = upper(name), boss = 45 where id % 4 = 0; update city set mayor = 44 where id < 4;
  insert into city values (13, 'c13', 45);
  insert into person select i, 'p' || i, i - 1, 13 from generate_series(41, 45) i`;
const person = (target: string, columns = 'k: id'): string => `
source: { table: person, key: id }
target: { table: person, ${target} }
columns:
  ${columns}
  name: name
  boss: { from: boss, references: person }
  city: { from: city, references: city }
${LOOSE}`;
const city = (target: string, columns = 'k: id'): string => `
source: { table: city, key: id }
target: { table: city, ${target} }
columns:
  ${columns}
  name: name
  mayor: { from: mayor, references: person, missing: null }
${LOOSE}`;
const tables = (id: string, type: string): string => `
  create table city (${id}, k int unique, name text);
  create table person (${id}, k int unique, name text check (name <> 'p13'), boss ${type} references person,
    city ${type} not null references city);
  alter table city add mayor ${type} references person;`;
const both = (target: string, columns?: string): ProjectFiles['mappings'] => ({
  person: person(target, columns),
  city: city(target, columns),
});

const PROJECTS: readonly (readonly [string, ProjectFiles])[] = [
  [
    'ids of a sequence',
    {
      target: tables('id int generated always as identity primary key', 'int'),
      mappings: both('key: k, identity: id'),
    },
  ],
  [
    'kept pairs',
    {
      target: tables('id int generated always as identity primary key', 'int'),
      mappings: both('identity: id', '# none'),
    },
  ],
  [
    'uuid5',
    {
      target: tables('id uuid primary key', 'uuid'),
      mappings: both('key: k, identity: { column: id, strategy: uuid5 }'),
    },
  ],
  [
    'preserved ids and triggers',
    {
      target: `${tables('id int primary key', 'int')}
        create function f() returns trigger language plpgsql as 'begin return new; end';
        create trigger t before insert or update on person for each row execute function f();
        create trigger t before insert or update on city for each row execute function f()`,
      mappings: both('key: id, identity: { column: id, strategy: preserve }', 'k: id'),
    },
  ],
];

describe('a run and its rollback leave what was there before', () => {
  it.for(PROJECTS)('%s', ([, files]) =>
    withProject({ source: SOURCE, settings: SETTINGS, ...files }, async (project) => {
      const empty = await dump(project);
      const first = await project.run();
      expect(first.status).toBe('succeeded');
      const loaded = await dump(project);
      const undone = await rollback(project);
      expect([undone.run, undone.exitCode]).toEqual([first.run, 0]);
      expect(await dump(project)).toEqual(empty);
      expect(await project.target('select status from etl.runs')).toEqual([{ status: 'rolled_back' }]);
      for (const table of ['batches', 'undo', 'second_pass', 'key_map']) {
        expect(await project.target(`select from etl.${table}`), table).toEqual([]);
      }
      const again = await project.run();
      for (const name of ['person', 'city']) expect(countsOf(again, name)).toBe(countsOf(first, name));
      expect((await dump(project))['public.person']).toHaveLength(loaded['public.person']?.length ?? -1);
      const before = await dump(project);
      await project.source(CHANGE);
      const second = await project.run();
      expect(await dump(project)).not.toEqual(before);
      expect(lines(await rollback(project, { run: second.run }))).not.toEqual([]);
      expect(await dump(project)).toEqual(before);
      expect((await rollback(project)).run).toBe(again.run);
      expect(await dump(project)).toEqual(empty);
      await expect(rollback(project)).rejects.toThrow(/no run that could be undone/);
    }),
  );

  it('rows of two columns, between rows that were there', () =>
    withProject(
      {
        source:
          "create table item (a int, b text, v numeric, primary key (a, b)); insert into item select i / 3, 'b\"' || i, i / 7.0 from generate_series(1, 30) i",
        target: `create table item (a int, b text, v numeric(9,3), doc json, primary key (a, b));
          insert into item values (99, 'mine', 1.5, '{"a":  1}'), (1, 'b"4', 0.100, '[]')`,
        mappings: {
          item: 'source: { table: item, key: [a, b] }\ntarget: { table: item, key: [a, b] }\ncolumns: { a: a, b: b, v: { from: v, steps: [{ round: 3 }] } }\n',
        },
        settings: SETTINGS,
      },
      async (project) => {
        const before = await dump(project);
        expect(countsOf(await project.run(), 'item')).toBe('read 30, inserted 29, updated 1');
        expect(lines(await rollback(project))).toEqual(['item: deleted 29, restored 1']);
        expect(await dump(project)).toEqual(before);
      },
    ));
});

const ITEM = 'create table item (id int primary key, name text);';
const THING = 'create table thing (id int primary key, name text);';
const item = `
source: { table: item, key: id }
target: { table: thing, key: id }
columns: { id: id, name: name }
`;
const simple = (more = ''): ProjectFiles => ({
  source: `${ITEM} insert into item select i, 'n' || i from generate_series(1, 20) i`,
  target: `${THING} ${more}`,
  mappings: { item },
  settings: SETTINGS,
});

describe('what others have done since', () => {
  it('changed rows are named and kept, and forced only if asked', () =>
    withProject(simple(), async (project) => {
      await project.run();
      await project.target(
        "update thing set name = 'theirs' where id in (3, 7); insert into thing values (99, 'new')",
      );
      const result = await rollback(project);
      expect([result.status, result.exitCode]).toEqual(['partly', 4]);
      expect(result.mappings[0]?.kept).toEqual([
        { key: '3', why: 'changed', by: null },
        { key: '7', why: 'changed', by: null },
      ]);
      expect((await dump(project))['public.thing']).toEqual(['(3,theirs)', '(7,theirs)', '(99,new)']);
      expect(await project.target('select status from etl.runs')).toEqual([{ status: 'succeeded' }]);
      expect(lines(await rollback(project, { force: true }))).toEqual(['item: deleted 2, forced 2']);
      expect((await dump(project))['public.thing']).toEqual(['(99,new)']);
      expect(await project.target('select status from etl.runs')).toEqual([{ status: 'rolled_back' }]);
    }));

  it('a key that a later run has loaded again is not the earlier one’s', () =>
    withProject(simple(), async (project) => {
      const first = await project.run();
      await project.target("update thing set name = 'theirs' where id = 3");
      await rollback(project);
      const second = await project.run();
      expect(countsOf(second, 'item')).toBe('read 20, inserted 19, updated 1');
      expect(lines(await rollback(project, { run: first.run, force: true }))).toEqual([
        'item: deleted 1, forced 1',
      ]);
      expect((await dump(project))['public.thing']).toHaveLength(19);
    }));

  it.for(['no action', 'restrict', 'cascade', 'set null', 'set default'])(
    'rows that theirs refer to are kept, with all that these refer to: on delete %s',
    (action) =>
      withProject(
        {
          source: `create table item (id int primary key, name text, up int); insert into item select i, 'n' || i, nullif(i / 2, 0) from generate_series(1, 20) i`,
          target: `create table thing (id int primary key, name text, up int references thing on delete ${action});
            create table theirs (id int primary key, thing int references thing on delete ${action})`,
          mappings: {
            item: item.replace('name: name', 'name: name, up: { from: up, references: item }'),
          },
          settings: SETTINGS,
        },
        async (project) => {
          await project.run();
          await project.target('insert into theirs values (1, 13), (2, null)');
          const result = await rollback(project, { force: true });
          expect(result.exitCode).toBe(4);
          expect(result.mappings[0]?.kept).toEqual([
            { key: '1', why: 'referred', by: 'public.thing (thing_up_fkey)' },
            { key: '13', why: 'referred', by: 'public.theirs (theirs_thing_fkey)' },
            { key: '3', why: 'referred', by: 'public.thing (thing_up_fkey)' },
            { key: '6', why: 'referred', by: 'public.thing (thing_up_fkey)' },
          ]);
          expect(await project.target('select id from thing order by 1')).toEqual([
            { id: 1 },
            { id: 3 },
            { id: 6 },
            { id: 13 },
          ]);
          expect(await project.target('select * from theirs order by 1')).toEqual([
            { id: 1, thing: 13 },
            { id: 2, thing: null },
          ]);
          await project.target('delete from theirs');
          expect((await rollback(project)).exitCode).toBe(0);
          expect(await project.target('select from thing')).toEqual([]);
        },
      ),
  );

  it('two runs, the earlier one first', () =>
    withProject(simple(), async (project) => {
      const empty = await dump(project);
      const first = await project.run();
      await project.source("update item set name = 'x' where id < 4; insert into item values (21, 'n21')");
      const second = await project.run();
      const result = await rollback(project, { run: first.run });
      expect(lines(result)).toEqual(['item: deleted 17, kept 3']);
      expect(result.mappings[0]?.kept[0]).toEqual({ key: '1', why: 'changed', by: second.run });
      expect(lines(await rollback(project))).toEqual(['item: deleted 1, restored 3']);
      expect(await project.target('select name from thing order by id')).toEqual([
        { name: 'n1' },
        { name: 'n2' },
        { name: 'n3' },
      ]);
      expect(lines(await rollback(project))).toEqual(['item: deleted 3']);
      expect(await dump(project)).toEqual(empty);
    }));

  it('a restored row belongs again to whom it belonged: two owners', () =>
    withProject(simple("insert into thing values (1, 'by hand'), (2, 'by hand')"), async (project) => {
      const before = await dump(project);
      const first = await project.run();
      await project.target("update thing set name = 'hand' where id in (2, 5)");
      await project.source("update item set name = 'x' where id in (1, 2, 5, 6)");
      await project.run();
      expect(lines(await rollback(project))).toEqual(['item: restored 4']);
      const result = await rollback(project, { run: first.run });
      expect(lines(result)).toEqual(['item: deleted 17, restored 1, kept 2']);
      expect(result.mappings[0]?.kept.map(({ key }) => key)).toEqual(['2', '5']);
      expect(lines(await rollback(project, { run: first.run, force: true }))).toEqual([
        'item: deleted 1, restored 1, forced 2',
      ]);
      expect(await dump(project)).toEqual(before);
    }));
});

describe('a part of a run', () => {
  const files: ProjectFiles = {
    source: `${ITEM} create table note (id int primary key, item int); insert into item select i, 'n' || i from generate_series(1, 20) i;
      insert into note select i, i from generate_series(1, 20) i`,
    target: `${THING} create table note (id int primary key, item int references thing)`,
    mappings: {
      item,
      note: 'source: { table: note, key: id }\ntarget: { table: note, key: id }\ncolumns: { id: id, item: { from: item, references: item } }\n',
    },
    settings: SETTINGS,
  };

  it('of what others refer to only with them', () =>
    withProject(files, async (project) => {
      await project.run();
      await expect(rollback(project, { select: ['item'] })).rejects.toThrow(
        /note refers to what would be undone/,
      );
      expect(lines(await rollback(project, { select: ['note'] }))).toEqual(['note: deleted 20']);
      expect(await project.target('select status from etl.runs')).toEqual([{ status: 'succeeded' }]);
      expect(await project.target('select mapping, status from etl.steps order by 1')).toEqual([
        { mapping: 'item', status: 'succeeded' },
        { mapping: 'note', status: 'rolled_back' },
      ]);
      expect(lines(await rollback(project, { select: ['item'] }))).toEqual(['item: deleted 20']);
      expect(await project.target('select status from etl.runs')).toEqual([{ status: 'rolled_back' }]);
    }));

  it('with them', () =>
    withProject(files, async (project) => {
      const empty = await dump(project);
      await project.run();
      const result = await rollback(project, { select: ['item'], withDependants: true });
      expect(lines(result)).toEqual(['item: deleted 20', 'note: deleted 20']);
      expect(await dump(project)).toEqual(empty);
    }));
});

describe('what stands against it', () => {
  it('is asked first; no changes nothing', () =>
    withProject(simple(), async (project) => {
      await project.run();
      const before = await dump(project);
      const result = await rollback(project, {
        confirm: (would) => {
          expect(lines(would)).toEqual(['item: deleted 20']);
          return Promise.resolve(false);
        },
      });
      expect(result.status).toBe('refused');
      expect(await dump(project)).toEqual(before);
      expect(await project.target('select from etl.batches')).toHaveLength(2);
    }));

  it('a run that does not exist', () =>
    withProject(simple(), async (project) => {
      await expect(rollback(project)).rejects.toThrow(/no run that could be undone/);
      const { run } = await project.run();
      await expect(rollback(project, { run: 'x' })).rejects.toMatchObject({
        exitCode: 2,
        help: `its last ones are ${run}`,
      });
      await rollback(project, { run });
      expect((await rollback(project, { run })).status).toBe('nothing');
    }));

  it('a table that is gone, a trigger that keeps rows, row-level security', () =>
    withProject(simple(), async (project) => {
      await project.run();
      const before = await dump(project);
      await project.target(`create function f() returns trigger language plpgsql as 'begin return null; end';
        create trigger t before delete on thing for each row execute function f()`);
      await expect(rollback(project)).rejects.toThrow(/20 rows were to be deleted, and 0 were/);
      await project.target(
        'drop trigger t on thing; alter table thing enable row level security; alter table thing force row level security',
      );
      await expect(rollback(project)).rejects.toThrow(/row-level security may hide rows/);
      await project.target('alter table thing disable row level security');
      expect(await dump(project)).toEqual(before);
      await project.target('alter table thing rename to other');
      await expect(rollback(project)).rejects.toThrow(/table "public"."thing" is gone/);
    }));

  it('works by what the run wrote down, whatever the mapping says now', () =>
    withProject(simple('create table elsewhere (id int primary key, name text)'), async (project) => {
      const empty = await dump(project);
      await project.run();
      await project.write('item', item.replace('table: thing', 'table: elsewhere'));
      expect(lines(await rollback(project))).toEqual(['item: deleted 20']);
      expect(await dump(project)).toEqual(empty);
    }));
});
