import { afterAll, beforeAll, expect, it } from 'vitest';
import { withClient } from '../../engine/embedded/roles.js';
import { loadParser, readQuery } from '../../engine/sql/index.js';
import { createDatabases, type Databases } from '../support/database.js';

let databases: Databases;
beforeAll(async () => {
  databases = await createDatabases({
    source:
      'create table task (id int, "Title" text, price numeric, "a b" jsonb, tags text[]); create type pair as (x int, y int);',
  });
});
afterAll(() => databases.drop());

const DECIDED = [
  'select id, "Title", price as p, price cost, "a b" from task',
  'select TASK.Id as X, t.price from task t, task',
  "select 1, 'x', null, 1 + 2, id = 3, not true, id is null, id in (1), id between 1 and 2 from task",
  'select \'a\'::varchar(3), id::bigint, cast(price as int), \'1\'::int::text, "Title" collate "C" from task',
  'select upper("Title"), pg_catalog.lower("Title"), count(*), sum(price) over () from task group by 1, 2, price',
  'select coalesce(id, 0), nullif(id, 0), greatest(id, 1), least(id, 1), array[1], row(1, 2), tags[1] from task',
  'select case when id = 1 then 1 end, case when true then 1 else id end, case id when 1 then 2 else 3 end from task',
  'select current_date, current_timestamp(0), localtime, current_user, session_user, user, current_schema',
  'select exists (select 1), array(select 1), (select id from task limit 1), (select 5), 1 = any (tags::int[]) from task',
  'select now() at time zone \'UTC\', trim("Title"), substring("Title" from 1 for 2), position(\'a\' in "Title") from task',
  'select (row(1, 2)::pair).x, ((select array[1, 2]))[1]',
  `select "a b" -> 'x', "a b" ->> 'y', json_build_object('a', 1), xmlelement(name a) is null from task`,
  'values (1, 2), (3, 4)',
  'select id as a, price from task union all select 1, 2 order by 1',
  '(select id from task) intersect (select 1)',
  'with t as (select id, price p from task) select * from t',
  'with t(a, b) as (select id, price, "Title" from task) select t.*, 1 as one from t',
  'with recursive t(n) as (select 1 union all select n + 1 from t where n < 3) select * from t',
  'with a as (select 1 as x), b as (select *, 2 as y from a) select b.*, a.x as z from a join b using (x)',
  'with a as (select 1 as x, 2 as y), b as (select 1 as x, 3 as z) select * from a join b using (x)',
  'select * from (select id, price from task) as s',
  'select s.*, u.n from (select id from task) s(i) cross join (values (1)) as u(n)',
  'select v.* from (values (1, 2)) v',
  'select i.* from ((select 1 as a) x cross join (select 2 as b) y) i',
  'select distinct on (id) id, price from task limit 5;',
  'select -- a comment\n id /* and another */ from task -- end',
  `select ${'x'.repeat(70)} from (select 1 as ${'x'.repeat(70)}) t`,
  'select id as é, "Title" as "😀" from task',
];

const UNDECIDED = [
  'select * from task',
  'select t.*, 1 as one from task t',
  'select * from (select * from task) s',
  'with t as (select * from task) select * from t',
  'with task as (select 1 as a) select * from public.task',
  'select * from generate_series(1, 3) g',
  'select true, extract(year from now())',
  'select * from (select 1 as a) x natural join (select 1 as a) y',
  'table task',
];

it('the names of a query’s columns are those that the server gives', async () => {
  const parser = await loadParser();
  const differ: unknown[] = [];
  await withClient(databases.sourceAdmin, async (client) => {
    for (const sql of [...DECIDED, ...UNDECIDED]) {
      const { fields } = await client.query({ text: sql, rowMode: 'array' });
      const { faults, gives } = readQuery(sql, parser);
      const theirs = DECIDED.includes(sql) ? fields.map(({ name }) => name).join() : 'undecided';
      const ours = faults[0]?.message ?? gives?.map(({ name }) => name).join() ?? 'undecided';
      if (ours !== theirs) differ.push({ sql, theirs, ours });
    }
  });
  expect(differ).toEqual([]);
});
