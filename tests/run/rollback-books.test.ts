import { describe, expect, it } from 'vitest';
import { countsOf, withProject, type TestProject } from '../support/project.js';

/** Rows of `thing` that no transaction id of the run explains. */
const STRANGE = `select t.* from thing t where t.xmin::text::bigint not in (
  select xid & 4294967295 from etl.batches where run = $1 union select unnest(xids) from etl.batches where run = $1)`;

const source = (rows: number, up = 'null'): string =>
  `create table item (id int primary key, n int, up int);
   insert into item select i, i, ${up} from generate_series(1, ${String(rows)}) i`;
const mapping = (target: string, columns: string): string => `
source: { table: item, key: id, ignore: { columns: [up], reason: not needed } }
target: { table: thing, ${target} }
columns: { ${columns} }
max_rejects: 100%
stop_at: 100%
`;
const SETTINGS = 'defaults: { batch_rows: 10 }';

/** The handles that the batches of a run name. */
async function created(project: TestProject, run: string): Promise<readonly string[]> {
  const rows = await project.target(
    'select json_array_elements_text(created) h from etl.batches where run = $1',
    [run],
  );
  return rows.map((row) => String(row['h'])).sort();
}

describe('what a run writes down of its new rows', () => {
  it.for([
    ['one by one', 'id int generated always as identity'],
    ['by tens', 'id int generated always as identity (start 7 increment 10)'],
    ['downwards', 'id int generated always as identity (increment -1)'],
    ['beyond 2^53', 'id bigint generated always as identity (start 9007199254740993)'],
  ])('ids of a sequence, %s', ([, column]) =>
    withProject(
      {
        source: source(25),
        target: `create table thing (${column ?? ''} primary key, legacy int not null unique, n int check (n <> 13))`,
        mappings: { item: mapping('key: legacy, identity: id', 'legacy: id, n: n') },
        settings: SETTINGS,
      },
      async (project) => {
        const { run, mappings } = await project.run();
        expect(mappings[0]?.reason).toBeNull();
        const [row] = await project.target(
          `select count(*)::int rows, count(*) filter (where exists
             (select from etl.batches b, unnest(b.ids) r where b.run = $1 and r @> t.id::bigint))::int known from thing t`,
          [run],
        );
        expect(row).toEqual({ rows: 24, known: 24 });
        // The reject's id is the only one besides: what lies between the ids of a sequence may be another's.
        const [ids] = await project.target(
          `select sum(case when upper_inf(r) then 1 else upper(r) - lower(r) end)::int n
           from etl.batches b, unnest(b.ids) r where b.run = $1`,
          [run],
        );
        expect(ids).toEqual({ n: 25 });
        expect(await created(project, run)).toEqual([]);
        expect(await project.target(STRANGE, [run])).toEqual([]);
      },
    ),
  );

  it.for([
    [
      'preserved',
      'id int primary key, n int check (n <> 13)',
      mapping('key: id, identity: { column: id, strategy: preserve }', 'n: n'),
      'id::text',
    ],
    [
      'uuid5',
      'id uuid primary key, legacy int unique, n int check (n <> 13)',
      mapping('key: legacy, identity: { column: id, strategy: uuid5 }', 'legacy: id, n: n'),
      'id::text',
    ],
    [
      'two columns',
      'id int, n int check (n <> 13), primary key (id, n)',
      mapping('key: [id, n]', 'id: id, n: n').replace('key: id', 'key: [id, n]'),
      "replace(json_build_array(id::text, n::text)::text, ' ', '')",
    ],
  ])('handles, %s', ([, columns, text, handle]) =>
    withProject(
      {
        source: source(25),
        target: `create table thing (${columns ?? ''})`,
        mappings: { item: text ?? '' },
        settings: SETTINGS,
      },
      async (project) => {
        const { run } = await project.run();
        const rows = await project.target(`select ${handle ?? ''} h from thing`);
        expect(rows).toHaveLength(24);
        expect(await created(project, run)).toEqual(rows.map((row) => row['h']).sort());
        expect(await project.target(STRANGE, [run])).toEqual([]);
      },
    ),
  );

  it('of kept pairs the pairs say it', () =>
    withProject(
      {
        source: source(25),
        target: 'create table thing (id int generated always as identity primary key, n int)',
        mappings: { item: mapping('identity: id', 'n: n') },
        settings: SETTINGS,
      },
      async (project) => {
        const { run } = await project.run();
        const rows = await project.target('select ids::text, created from etl.batches where run = $1', [run]);
        expect(rows).toEqual(Array.from({ length: 3 }, () => ({ ids: '{}', created: null })));
        expect(await project.target(STRANGE, [run])).toEqual([]);
      },
    ));
});

const TRIGGER = `create table thing (id int primary key, n int check (n <> 13));
  create function f() returns trigger language plpgsql as 'begin return new; end';
  create trigger t before insert or update on thing for each row execute function f()`;
const PARTITIONS = `create table thing (id int primary key, n int check (n <> 13)) partition by range (id);
  create table thing_1 partition of thing for values from (1) to (20);
  create table thing_2 partition of thing for values from (20) to (99)`;
const NO_RULE = 'create table thing (id int primary key, n int check (n <> 13))';

describe('rows as they were before', () => {
  it.for([
    ['a plain table', NO_RULE],
    ['a trigger', TRIGGER],
    ['partitions', PARTITIONS],
  ])('%s', ([, target]) =>
    withProject(
      {
        source: source(40),
        target: target ?? '',
        mappings: { item: mapping('key: id', 'id: id, n: n') },
        settings: SETTINGS,
      },
      async (project) => {
        const first = await project.run();
        expect(await project.target(STRANGE, [first.run])).toEqual([]);
        const [before] = await project.target('select xmin::text::int8 xid from thing where id = 3');
        await project.source(
          'update item set n = n + 100 where id % 3 = 0; update item set n = 13 where id = 5',
        );
        const second = await project.run();
        expect(countsOf(second, 'item')).toBe('read 40, updated 13, unchanged 25, rejected 2');
        expect(await project.target(`select from (${STRANGE}) s where n >= 100`, [second.run])).toEqual([]);
        const undo = await project.target(
          "select handle::int id, was from etl.undo where run = $1 and kind = 'updated' order by 1",
          [second.run],
        );
        expect(undo).toEqual(
          Array.from({ length: 13 }, (_, n) => ({ id: 3 * n + 3, was: { n: String(3 * n + 3) } })),
        );
        const [of3] = await project.target("select was_xid xid from etl.undo where handle = '3'");
        expect(of3).toEqual(before);
      },
    ),
  );

  it('in a second pass', () =>
    withProject(
      {
        source: source(30, 'case when i < 30 then i + 1 end'),
        target: 'create table thing (id int primary key, n int, up int references thing)',
        mappings: {
          item: mapping('key: id', 'id: id, n: n, up: { from: up, references: item }').replace(
            /, ignore: .*$/m,
            ' }',
          ),
        },
        settings: SETTINGS,
      },
      async (project) => {
        const first = await project.run();
        expect(await project.target(STRANGE, [first.run])).toEqual([]);
        expect(await project.target('select from etl.undo')).toEqual([]);
        await project.source(
          `insert into item select i, i, case when i > 31 then i - 1 end from generate_series(31, 45) i;
           update item set up = 45 where id in (3, 30)`,
        );
        const second = await project.run();
        const entries = await project.target(
          "select handle, was->>'up' up from etl.undo where run = $1 order by id desc",
          [second.run],
        );
        const oldest = new Map(entries.map((row) => [row['handle'], row['up']]));
        expect([...oldest].sort()).toEqual([['3', '4'], ['30', null]]); // prettier-ignore
        const strange = `select id from (${STRANGE}) s where id > 30 or id in (3, 30)`;
        expect(await project.target(strange, [second.run])).toEqual([]);
      },
    ));
});
