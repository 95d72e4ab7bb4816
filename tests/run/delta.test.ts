import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../engine/contract/result.js';
import {
  accountingFaults,
  countsOf,
  mappingOf,
  withProject,
  type ProjectFiles,
  type TestProject,
} from '../support/project.js';

const OLD = "timestamptz '2020-01-01'";

/** Forty rows that were last changed years ago, into a table of the same form. */
const items = (mapping = '', more: Partial<ProjectFiles> = {}): ProjectFiles => ({
  source: `create table item (id int primary key, v text, at timestamptz);
    insert into item select i, 'v' || i, ${OLD} from generate_series(1, 40) i; ${more.source ?? ''}`,
  target: `create table thing (id int primary key, v text check (v <> 'bad'), at timestamptz); ${more.target ?? ''}`,
  mappings: {
    item: `source: { table: item, key: id, changed_at: at }
target: { table: thing, key: id }
columns: { id: id, v: v, at: at }
max_rejects: 100%
${mapping}`,
    ...more.mappings,
  },
});

const notices = async (project: TestProject, fresh = false): Promise<readonly string[]> => {
  const said: string[] = [];
  const onEvent: NonNullable<Parameters<TestProject['run']>[0]>['onEvent'] = (event) => {
    if (event.type === 'notice') said.push(event.message);
  };
  await project.run({ fresh, onEvent });
  return said.sort();
};

const rowCount = (result: RunResult, name = 'item'): unknown =>
  mappingOf(result, name).checks.find(({ check }) => check === 'row_count');

describe('a delta run', () => {
  it('reads what changed, what is new, null times and nothing else', () =>
    withProject(items(), async (project) => {
      const first = await project.run();
      expect([countsOf(first, 'item'), mappingOf(first, 'item').readFrom]).toEqual([
        'read 40, inserted 40',
        null,
      ]);
      const second = await project.run();
      expect(countsOf(second, 'item')).toBe('');
      expect(mappingOf(second, 'item').readFrom).toMatch(/^20\d\d-.*Z$/);
      expect(await accountingFaults(project, second)).toEqual([]);
      await project.source(`update item set v = 'new', at = now() where id in (3, 4); update item set v = 'unseen' where id = 5;
        update item set v = 'null', at = null where id = 6; insert into item values (41, 'v41', now())`);
      const third = await project.run();
      expect(countsOf(third, 'item')).toBe('read 4, inserted 1, updated 3');
      expect(await accountingFaults(project, third)).toEqual([]);
      expect(rowCount(third)).toEqual({ check: 'row_count', status: 'passed', source: '41', target: '41' });
      // Null times are read each time; what changed is within the overlap, and the same.
      expect(countsOf(await project.run(), 'item')).toBe('read 4, unchanged 4');
      expect(await project.target('select id, v from thing where id in (3, 5, 6, 41) order by id')).toEqual([
        { id: 3, v: 'new' },
        { id: 5, v: 'v5' },
        { id: 6, v: 'null' },
        { id: 41, v: 'v41' },
      ]);
      const steps = await project.target('select read_from is null as whole from etl.steps order by run');
      expect(steps.map((row) => row['whole'])).toEqual([true, false, false, false]);
    }));

  it('merges where many rows changed', () =>
    withProject(items(), async (project) => {
      await project.run();
      await project.source("update item set v = v || '!', at = now() where id > 5");
      expect(countsOf(await project.run(), 'item')).toBe('read 35, updated 35');
      expect(await project.target("select count(*)::int n from thing where v like '%!'")).toEqual([
        { n: 35 },
      ]);
    }));

  it('sees a row whose transaction began before the snapshot and was committed after it', () =>
    withProject(items(), async (project) => {
      const urls = { source: project.databases.sourceAdmin };
      const late = new pg.Client({ connectionString: project.databases.sourceAdmin });
      await late.connect();
      try {
        await late.query('begin');
        await late.query("update item set v = 'late', at = now() where id = 7");
        await late.query("insert into item values (50, 'late', now())");
        await project.run({ urls });
        const [marks] = await project.target(
          "select (watermarks -> 'source' ->> 'oldest')::timestamptz < (watermarks -> 'source' ->> 'taken')::timestamptz as behind from etl.runs",
        );
        expect(marks).toEqual({ behind: true });
        await late.query('commit');
      } finally {
        await late.end();
      }
      // As if it had taken hours: more than the minute that a run reaches back at the least.
      await project.target(
        `update etl.runs set watermarks = jsonb_set(watermarks, '{source,taken}', to_jsonb(now() + interval '2 hours'))`,
      );
      expect(countsOf(await project.run({ urls }), 'item')).toBe('read 2, inserted 1, updated 1');
    }));

  it('reaches back an hour where the source does not show what is in flight', () =>
    withProject(items(), async (project) => {
      await project.source(
        "update item set at = now() - interval '50 minutes' where id = 1; update item set at = now() - interval '70 minutes' where id = 2",
      );
      const other = new pg.Client({ connectionString: project.databases.sourceAdmin });
      await other.connect();
      await project.run();
      await other.end();
      const [marks] = await project.target("select watermarks -> 'source' ->> 'oldest' oldest from etl.runs");
      expect(marks).toEqual({ oldest: null });
      expect(countsOf(await project.run(), 'item')).toBe('read 1, unchanged 1');
    }));

  it('reads rejected rows again until they are loaded', () =>
    withProject(items(), async (project) => {
      await project.source("update item set v = 'bad' where id in (8, 9, 10)");
      expect(countsOf(await project.run(), 'item')).toBe('read 40, inserted 37, rejected 3');
      expect(countsOf(await project.run(), 'item')).toBe('read 3, rejected 3');
      // Neither of them says that it has changed.
      await project.source("update item set v = 'good' where id = 8; delete from item where id = 9");
      const third = await project.run();
      expect(countsOf(third, 'item')).toBe('read 2, inserted 1, rejected 1');
      expect(await accountingFaults(project, third)).toEqual([]);
      await project.target('alter table thing drop constraint thing_v_check');
      expect(countsOf(await project.run(), 'item')).toBe('read 1, inserted 1');
      expect(countsOf(await project.run(), 'item')).toBe('');
    }));

  it('reads everything where the mapping, a look-up or the target is not what it was, and says why', () =>
    withProject(
      items('', {
        mappings: {
          kind: `source: { table: kind, key: id, changed_at: at }
target: { table: kinds, key: id }
columns: { id: id, name: { from: code, lookup: { table: words, key: code, value: name } } }
max_rejects: 100%`,
        },
        source: `create table kind (id int primary key, code text, at timestamptz); create table words (code text, name text);
          insert into kind values (1, 'a', ${OLD}), (2, 'b', ${OLD}), (3, 'b', ${OLD}); insert into words values ('a', 'A'), ('b', 'B')`,
        target: 'create table kinds (id int primary key, name text)',
      }),
      async (project) => {
        expect(await notices(project)).toEqual([]);
        const [item, kind] = await notices(project);
        expect(item).toMatch(/^item reads what changed since 20.*Z \(run 20.*Z\)$/);
        expect(kind).toMatch(/^kind reads what changed since /);
        expect(await notices(project, true)).toEqual([
          'item reads everything: --fresh',
          'kind reads everything: --fresh',
        ]);
        await project.source("update words set name = 'Bee' where code = 'b'");
        expect((await notices(project))[1]).toMatch(
          /^kind reads everything: a look-up has changed since run /,
        );
        expect(await project.target('select name from kinds order by id')).toEqual([
          { name: 'A' }, { name: 'Bee' }, { name: 'Bee' },
        ]); // prettier-ignore
        await project.target('delete from thing where id = 3; delete from kinds where id = 1');
        expect(await notices(project)).toEqual([
          'item reads everything: 1 row of earlier runs is not in the target any more',
          'kind reads everything: 1 row of earlier runs is not in the target any more',
        ]);
        expect(await project.target('select count(*)::int n from thing')).toEqual([{ n: 40 }]);
        await project.write(
          'item',
          `# a remark changes nothing
source: { table: item, key: id, changed_at: at }
target: { table: thing, key: id }
columns: { id: id, v: v, at: at }
max_rejects: 100%`,
        );
        expect((await notices(project))[0]).toMatch(/^item reads what changed/);
        await project.write(
          'item',
          `source: { table: item, key: id, changed_at: at }
target: { table: thing, key: id }
columns: { id: id, v: { from: v, steps: [upper] }, at: at }`,
        );
        expect((await notices(project))[0]).toMatch(
          /^item reads everything: the mapping or one of its tables has changed since run /,
        );
        expect(await project.target('select v from thing where id = 3')).toEqual([{ v: 'V3' }]);
        expect((await notices(project))[0]).toMatch(/^item reads what changed/);
      },
    ));

  it('loads the rows whose parent was rejected before and is loaded now, and those that went without one', () =>
    withProject(
      {
        source: `create table parent (id int primary key, v text, at timestamptz); create table child (id int primary key, parent int, other int, at timestamptz);
          insert into parent select i, case i when 3 then 'bad' else 'v' end, ${OLD} from generate_series(1, 20) i;
          insert into child select i, i, case i when 5 then 99 end, ${OLD} from generate_series(1, 20) i`,
        target: `create table parent (id int generated by default as identity primary key, old int unique, v text check (v <> 'bad'));
          create table child (id int primary key, parent int not null references parent, other int references parent)`,
        mappings: {
          parent: `source: { table: parent, key: id, changed_at: at }
target: { table: parent, key: old, identity: id }
columns: { old: id, v: v }
max_rejects: 100%`,
          child: `source: { table: child, key: id, changed_at: at }
target: { table: child, key: id }
columns: { id: id, parent: { from: parent, references: parent }, other: { from: other, references: parent, missing: null } }
max_rejects: 100%`,
        },
      },
      async (project) => {
        expect(countsOf(await project.run(), 'child')).toBe('read 20, inserted 19, rejected 1');
        const second = await project.run();
        expect([countsOf(second, 'parent'), countsOf(second, 'child')]).toEqual([
          'read 1, rejected 1',
          'read 1, rejected 1',
        ]);
        await project.source("update parent set v = 'good' where id = 3");
        const third = await project.run();
        // What was loaded without a parent may have one now.
        expect([countsOf(third, 'parent'), countsOf(third, 'child')]).toEqual([
          'read 1, inserted 1',
          'read 20, inserted 1, unchanged 19',
        ]);
        await project.source('insert into parent values (99, null, now())');
        const fourth = await project.run();
        expect([countsOf(fourth, 'parent'), countsOf(fourth, 'child')]).toEqual([
          'read 1, inserted 1',
          'read 20, updated 1, unchanged 19',
        ]);
        expect(await accountingFaults(project, fourth)).toEqual([]);
        expect(countsOf(await project.run(), 'child')).toBe('');
        const rows = await project.target(
          'select p.old, o.old other from child c join parent p on p.id = c.parent left join parent o on o.id = c.other where c.id in (3, 5) order by 1',
        );
        expect(rows).toEqual([{ old: 3, other: null }, { old: 5, other: 99 }]); // prettier-ignore
      },
    ));

  it('goes on from the last run that succeeded, not from one that failed', () =>
    withProject(items(`stop_at: 0\nrules: [{ sql: "v <> 'bad'" }]\n`), async (project) => {
      await project.run();
      await project.source(
        "update item set v = 'x', at = now() where id = 1; update item set v = 'bad', at = now() where id = 2",
      );
      expect((await project.run()).exitCode).toBe(4);
      expect(await project.target('select v from thing where id = 1')).toEqual([{ v: 'v1' }]);
      // Long after: the failed run's own snapshot must not count.
      await project.target(`update etl.runs set watermarks = jsonb_set(jsonb_set(watermarks, '{source,taken}', to_jsonb(now() + interval '9 hours')),
        '{source,oldest}', to_jsonb(now() + interval '9 hours')) where status = 'failed'`);
      await project.source("update item set v = 'y' where id = 2");
      expect(countsOf(await project.run(), 'item')).toBe('read 2, updated 2');
    }));

  it.each([
    ['timestamp', "timezone('Etc/GMT+11', now())", "now() at time zone 'UTC' - interval '13 hours'"],
    ['date', "timezone('Etc/GMT+12', now())::date", 'current_date - 3'],
    ['timestamptz', 'now()', "now() - interval '2 hours'"],
  ])('takes a column of type %s, local time included', (type, near, far) =>
    withProject(
      items('', {
        source: `alter table item alter at type ${type}`,
        target: `alter table thing alter at type ${type}`,
      }),
      async (project) => {
        await project.run();
        await project.source(
          `update item set v = 'seen', at = ${near} where id = 1; update item set v = 'unseen', at = ${far} where id = 2`,
        );
        expect(countsOf(await project.run(), 'item')).toBe('read 1, updated 1');
      },
    ),
  );

  it('reads all rows of a key of which one has changed, and finds keys of several columns', () =>
    withProject(
      {
        source: `create table part (a int, b text, v text, at timestamptz);
          insert into part select i, 'x''\\"' || i, 'v', ${OLD} from generate_series(1, 30) i; insert into part values (31, 'x', 'bad', ${OLD}), (null, 'n', 'v', ${OLD})`,
        target: `create table part (a int, b text, v text check (v <> 'bad'), primary key (a, b))`,
        mappings: {
          part: `source: { query: "select * from part", key: [a, b], changed_at: { column: at, overlap: 2h } }
target: { table: part, key: [a, b] }
columns: { a: a, b: b, v: v }
max_rejects: 100%`,
        },
      },
      async (project) => {
        expect(countsOf(await project.run(), 'part')).toBe('read 32, inserted 30, rejected 2');
        expect(countsOf(await project.run(), 'part')).toBe('read 2, rejected 2');
        await project.source(
          `insert into part select a, b, 'twice', now() from part where a = 1; update part set v = 'w', at = now() where a = 2; update part set v = 'v' where a = 31`,
        );
        const third = await project.run();
        expect(countsOf(third, 'part')).toBe('read 5, inserted 1, updated 1, rejected 3');
        expect(await accountingFaults(project, third)).toEqual([]);
        await project.source(
          "delete from part where a = 1 and v = 'v'; update part set a = 40, at = now() where a is null",
        );
        // One of the pair is left: the other was rejected, and is read again.
        expect(countsOf(await project.run(), 'part')).toBe('read 3, inserted 1, updated 1, unchanged 1');
      },
    ));
});
