import { describe, expect, it } from 'vitest';
import { withClient } from '../../engine/embedded/roles.js';
import { accountingFaults, countsOf, withProject, type ProjectFiles } from '../support/project.js';
import { dump, lines, rollback } from '../support/rollback.js';

const N = 40;
const MODE = 'mode: replace';

type Kind = 'merged' | 'kept pairs' | 'uuid' | 'preserved';
const KINDS: readonly Kind[] = ['merged', 'kept pairs', 'uuid', 'preserved'];

/** Items that are told by their key, by kept pairs, or by an identity that every run makes alike. */
function items(kind: Kind, mode = MODE): ProjectFiles {
  const columns = {
    merged: ['id int generated always as identity primary key, old int unique', 'old: id, '],
    'kept pairs': ['id int generated always as identity primary key, old int', ''],
    uuid: ['id uuid primary key, old int unique', 'old: id, '],
    preserved: ['id int primary key, old int unique', 'old: id, '],
  }[kind];
  const key = kind === 'kept pairs' ? '' : 'key: old, ';
  const identity = {
    merged: 'id',
    'kept pairs': 'id',
    uuid: '{ column: id, strategy: uuid5 }',
    preserved: '{ column: id, strategy: preserve }',
  }[kind];
  return {
    source: `create table item (id int primary key, name text); insert into item select i, 'n' || i from generate_series(1, ${String(N)}) i`,
    target: `create table item (${columns[0] ?? ''}, name text check (name <> 'bad'), kept text default 'fresh')`,
    mappings: {
      item: `source: { table: item, key: id }\ntarget: { table: item, ${key}identity: ${identity}, ${mode} }\ncolumns: { ${columns[1] ?? ''}name: name }`,
    },
    settings: 'defaults: { batch_rows: 10, max_rejects: 100%, stop_at: 100% }',
  };
}

/** Parents with children that refer to them. */
const family = (parent = MODE, child = MODE): ProjectFiles => ({
  source: `create table parent (id int primary key); create table child (id int primary key, parent int);
    insert into parent select i from generate_series(1, 30) i; insert into child select i, i from generate_series(1, 30) i`,
  target: `create table parent (id int generated always as identity primary key, old int unique);
    create table child (id int generated always as identity primary key, old int unique, parent int not null references parent)`,
  mappings: {
    parent: `source: { table: parent, key: id }\ntarget: { table: parent, key: old, identity: id, ${parent} }\ncolumns: { old: id }`,
    child: `source: { table: child, key: id }\ntarget: { table: child, key: old, identity: id, ${child} }\ncolumns: { old: id, parent: { from: parent, references: parent } }`,
  },
  settings: 'defaults: { batch_rows: 10 }',
});

describe.each(KINDS)('mode: replace, %s', (kind) => {
  it('makes every row anew, time and again, and a rollback brings the old ones back', () =>
    withProject(items(kind), async (project) => {
      const first = await project.run();
      expect([first.exitCode, countsOf(first, 'item')]).toEqual([
        0,
        `read ${String(N)}, inserted ${String(N)}`,
      ]);
      await project.target(`update item set kept = 'changed', name = 'mine' where name = 'n3'`);
      const before = await dump(project);
      const pairs = await project.target('select * from etl.key_map order by source_key');
      await project.source(
        `delete from item where id > 30; update item set name = 'later' where id = 5; insert into item values (99, 'new')`,
      );
      for (let round = 0; round < 2; round++) {
        const again = await project.run();
        expect(await accountingFaults(project, again)).toEqual([]);
        expect([again.exitCode, countsOf(again, 'item')]).toEqual([0, 'read 31, inserted 31']);
        expect(
          await project.target(
            "select count(*)::int n, count(*) filter (where kept = 'fresh')::int f from item",
          ),
        ).toEqual([{ n: 31, f: 31 }]);
        const map = await project.target('select count(*)::int n from etl.key_map');
        expect(map).toEqual([{ n: kind === 'kept pairs' ? 31 : 0 }]);
      }
      expect((await rollback(project)).status).toBe('rolled_back');
      expect((await rollback(project)).status).toBe('rolled_back');
      expect(await dump(project)).toEqual(before);
      expect(await project.target('select * from etl.key_map order by source_key')).toEqual(pairs);
    }));

  it('refuses to delete rows that others made, but with --force', () =>
    withProject(items(kind), async (project) => {
      const key = kind === 'uuid' ? 'gen_random_uuid()' : '1000';
      const columns = kind === 'uuid' || kind === 'preserved' ? '(id, old, name)' : '(old, name)';
      const values = kind === 'uuid' || kind === 'preserved' ? `${key}, 1000` : '1000';
      await project.run();
      await project.target(`insert into item ${columns} values (${values}, 'another’s')`);
      const before = await dump(project);
      await expect(project.run()).rejects.toThrow(/1 row of "public"."item" not loaded by item/);
      expect(await dump(project)).toEqual(before);
      expect(await project.target('select count(*)::int n from etl.runs')).toEqual([{ n: 1 }]);
      const forced = await project.run({ force: true });
      expect([forced.exitCode, countsOf(forced, 'item')]).toEqual([
        0,
        `read ${String(N)}, inserted ${String(N)}`,
      ]);
      await rollback(project);
      expect(await dump(project)).toEqual(before);
    }));

  it('goes on after an interruption without emptying again', () =>
    withProject(items(kind), async (project) => {
      await project.run();
      const before = await dump(project);
      const cut = await project.run({
        jobs: 1,
        onEvent: (event, stop) => {
          if (event.type === 'batch' && event.progress.read >= 20) stop.request('the test');
        },
      });
      expect(cut.status).toBe('interrupted');
      const brought = await project.target('select id::text from item');
      expect(brought.length).toBeGreaterThanOrEqual(20);
      expect(brought.length).toBeLessThan(N);
      const resumed = await project.run({ resume: cut.run });
      expect(await accountingFaults(project, resumed)).toEqual([]);
      expect([resumed.exitCode, countsOf(resumed, 'item')]).toEqual([
        0,
        `read ${String(N)}, inserted ${String(N)}`,
      ]);
      const after = new Set((await project.target('select id::text from item')).map(({ id }) => id));
      expect(after.size).toBe(N);
      expect(brought.every(({ id }) => after.has(id))).toBe(true);
      expect(await project.target('select rows::int from etl.emptied where run = $1', [cut.run])).toEqual([
        { rows: N },
      ]);
      await rollback(project);
      expect(await dump(project)).toEqual(before);
    }));

  it('empties the table where the source has no rows', () =>
    withProject(items(kind), async (project) => {
      await project.run();
      const before = await dump(project);
      await project.source('delete from item');
      const notices: string[] = [];
      const empty = await project.run({
        onEvent: (event) => {
          if (event.type === 'notice') notices.push(event.message);
        },
      });
      expect([empty.exitCode, countsOf(empty, 'item')]).toEqual([0, '']);
      expect(await project.target('select count(*)::int n from item')).toEqual([{ n: 0 }]);
      expect(notices.join('\n')).toContain(`item: ${String(N)} rows of "public"."item" gave way`);
      await rollback(project);
      expect(await dump(project)).toEqual(before);
    }));

  it('leaves the old rows where the first batch fails, and loads the neighbours of a row that is refused', () =>
    withProject(items(kind), async (project) => {
      await project.run();
      const before = await dump(project);
      await project.source("update item set name = 'bad' where id <= 2");
      const text = items(kind).mappings['item'] ?? '';
      await project.write('item', `${text}\nstop_at: 1`);
      expect((await project.run()).exitCode).toBe(4);
      expect(await dump(project)).toEqual(before);
      await project.write('item', text);
      const second = await project.run();
      expect(countsOf(second, 'item')).toBe(`read ${String(N)}, inserted ${String(N - 2)}, rejected 2`);
      expect(await project.target('select count(*)::int n from item')).toEqual([{ n: N - 2 }]);
    }));
});

describe('mode: replace, with what refers to the rows', () => {
  it('empties children of the same run with their parents', () =>
    withProject(family(), async (project) => {
      await project.run();
      const before = await dump(project);
      const again = await project.run();
      expect(await accountingFaults(project, again)).toEqual([]);
      expect([again.exitCode, countsOf(again, 'parent'), countsOf(again, 'child')]).toEqual([
        0,
        'read 30, inserted 30',
        'read 30, inserted 30',
      ]);
      expect(lines(await rollback(project))).toHaveLength(2);
      expect(await dump(project)).toEqual(before);
    }));

  it('children that were emptied and never loaded come back, too, or are loaded by a resume', () =>
    withProject(family(), async (project) => {
      await project.run();
      const before = await dump(project);
      const cut = async (): Promise<string> => {
        const { run } = await project.run({
          jobs: 1,
          onEvent: (event, stop) => {
            if (event.type === 'batch') stop.request('the test');
          },
        });
        expect(await project.target('select count(*)::int n from child')).toEqual([{ n: 0 }]);
        return run;
      };
      await cut();
      await rollback(project);
      expect(await dump(project)).toEqual(before);
      const resumed = await project.run({ resume: await cut() });
      expect([countsOf(resumed, 'parent'), countsOf(resumed, 'child')]).toEqual([
        'read 30, inserted 30',
        'read 30, inserted 30',
      ]);
      await rollback(project);
      expect(await dump(project)).toEqual(before);
    }));

  it.each([
    ['a mapping that updates', family(MODE, 'mode: upsert'), undefined],
    ['a mapping that is not selected', family(), ['parent']],
  ] as const)('refuses where %s has rows in the way, and names them', (_name, files, select) =>
    withProject(files, async (project) => {
      await project.run();
      const before = await dump(project);
      const options = select === undefined ? {} : { select };
      for (const force of [false, true]) {
        await expect(project.run({ ...options, force })).rejects.toThrow(
          /30 rows of "public"."child" with a reference to "public"."parent" by parent/,
        );
      }
      expect(await dump(project)).toEqual(before);
      expect(await project.target('select count(*)::int n from etl.runs')).toEqual([{ n: 1 }]);
    }),
  );

  it('a row that comes to refer to the table when the run has begun keeps it as it is', () =>
    withProject(family(), async (project) => {
      await project.run({ select: ['parent'] });
      const before = await project.target('select * from parent order by id');
      const result = await withClient(project.databases.targetAdmin, async (client) => {
        await client.query('begin; insert into child (old, parent) select 1, min(id) from parent');
        const committed: Promise<unknown>[] = [];
        const ended = await project.run({
          select: ['parent'],
          onEvent: (event) => {
            if (event.type === 'run_started') committed.push(client.query('commit'));
          },
        });
        await Promise.all(committed);
        return ended;
      });
      expect([result.exitCode, result.mappings[0]?.reason]).toEqual([
        2,
        expect.stringContaining('1 row of "public"."child" with a reference to "public"."parent"'),
      ]);
      expect(await project.target('select * from parent order by id')).toEqual(before);
      expect(await project.target('select count(*)::int n from child')).toEqual([{ n: 1 }]);
    }));

  it('refuses a table that another mapping of the run loads', () =>
    withProject(
      {
        ...family(),
        mappings: {
          ...family().mappings,
          more: `source: { table: parent, key: id }\ntarget: { table: parent, key: old, identity: id }\ncolumns: { old: id }`,
        },
      },
      async (project) => {
        await expect(project.run()).rejects.toThrow(/parent would empty "public"."parent", which more/);
        expect((await project.run({ select: ['parent', 'child'] })).exitCode).toBe(0);
      },
    ));

  it('a table that refers to itself is replaced with new references', () =>
    withProject(
      {
        source:
          'create table node (id int primary key, up int); insert into node select i, nullif(i / 2, 0) from generate_series(1, 60) i',
        target:
          'create table node (id int generated always as identity primary key, old int unique, up int references node)',
        mappings: {
          node: `source: { table: node, key: id }\ntarget: { table: node, key: old, identity: id, ${MODE} }\ncolumns: { old: id, up: { from: up, references: node } }`,
        },
        settings: 'defaults: { batch_rows: 10 }',
      },
      async (project) => {
        await project.run();
        const before = await dump(project);
        for (const keyMapBytes of [1 << 20, 0]) {
          const again = await project.run({ keyMapBytes });
          expect([again.exitCode, countsOf(again, 'node')]).toEqual([0, 'read 60, inserted 60']);
          expect(
            await project.target(
              'select count(*)::int n from node c left join node p on p.id = c.up where p.old is distinct from nullif(c.old / 2, 0)',
            ),
          ).toEqual([{ n: 0 }]);
        }
        await rollback(project);
        await rollback(project);
        expect(await dump(project)).toEqual(before);
      },
    ));
});
