import { describe, expect, it } from 'vitest';
import { accountingFaults, countsOf, mappingOf, withProject } from '../support/project.js';

const ITEM =
  'create table item (id int primary key, v text); insert into item select i, i::text from generate_series(1, 30) i;';
const THING = 'create table thing (id int primary key, v text);';
const TO = 'target: { table: thing, key: id }\ncolumns: { id: id, v: v }';

describe('what can be read', () => {
  it.for([
    ['a view', 'create view seen as select * from item', 'table: seen'],
    ['a materialized view', 'create materialized view seen as select * from item', 'table: seen'],
    [
      'a partitioned table',
      'create table parts (id int, v text) partition by range (id); create table low partition of parts for values from (0) to (11); create table high partition of parts for values from (11) to (99); insert into parts select * from item',
      'table: parts',
    ],
    [
      'a table with children',
      'create table family (id int primary key, v text); create table child () inherits (family); insert into family select * from item where id < 10; insert into child select * from item where id >= 10',
      'table: family',
    ],
    [
      'a function',
      'create function f() returns setof item language sql as $$ select * from item $$',
      'query: select * from f()',
    ],
    ['a CTE', '', 'query: with x as (select * from item) select * from x'],
    [
      'a recursive query',
      '',
      'query: "with recursive x as (select 1 id, \'1\' v union all select id + 1, (id + 1)::text from x where id < 30) select * from x"',
    ],
    ['values', '', "query: \"select * from (values (1, 'a'), (2, 'b')) x (id, v)\""],
    ['a query with a comment at its end', '', 'query: "select * from item -- all of it"'],
    ['a query with a semicolon at its end', '', 'query: "select * from item ;  "'],
    ['a query that sorts and limits', '', 'query: select * from item order by v desc limit 7'],
    [
      'a query with question marks and dollars',
      '',
      "query: \"select id, v || '?$1:x' v from item where '{\\\"a\\\":1}'::jsonb ? 'a'\"",
    ],
  ] as const)('%s', ([, more, from]) =>
    withProject(
      {
        source: `${ITEM}${more}`,
        target: THING,
        mappings: { item: `source:\n  ${from}\n  key: id\n${TO}` },
        settings: 'defaults: { batch_rows: 8 }',
      },
      async (project) => {
        const n = from.includes('limit 7') ? '7' : from.includes('values') ? '2' : '30';
        const result = await project.run();
        expect(countsOf(result, 'item')).toBe(`read ${n}, inserted ${n}`);
        expect(await accountingFaults(project, result)).toEqual([]);
        expect(countsOf(await project.run(), 'item')).toBe(`read ${n}, unchanged ${n}`);
      },
    ),
  );
});

it('a query with a semicolon and a comment at its end', () =>
  withProject(
    {
      source: ITEM,
      target: THING,
      mappings: { item: `source: { query: "select * from item; -- all of it", key: id }\n${TO}` },
    },
    async (project) => {
      expect(countsOf(await project.run(), 'item')).toBe('read 30, inserted 30');
    },
  ));

describe('what goes wrong in the middle of reading', () => {
  it.for([
    [
      'a division by zero in the query',
      'query: select id, (100 / (id - 5000))::text v from item',
      /division by zero/,
    ],
    [
      'a cast in the query',
      'query: "select id, (case when id = 5000 then \'x\' else v end)::int::text v from item"',
      /invalid input syntax.*"x"/,
    ],
  ] as const)('%s: said, with what was committed before it accounted for', ([, from, message]) =>
    withProject(
      {
        source:
          'create table item (id int primary key, v text); insert into item select i, i::text from generate_series(1, 9000) i',
        target: THING,
        mappings: { item: `source:\n  ${from}\n  key: id\n${TO}` },
        settings: 'defaults: { batch_rows: 100 }',
      },
      async (project) => {
        const result = await project.run();
        expect(result.exitCode).toBe(2);
        const item = mappingOf(result, 'item');
        expect(item.status).toBe('failed');
        expect(item.reason).toMatch(message);
        expect(await accountingFaults(project, result)).toEqual([]);
        const [row] = await project.target('select count(*)::int n from thing');
        expect(row).toEqual({ n: item.inserted });
        await project.write('item', `source: { table: item, key: id }\n${TO}`);
        const rest = await project.run();
        expect(mappingOf(rest, 'item')).toMatchObject({ read: 9000, rejected: 0, status: 'succeeded' });
        expect(await project.target('select count(*)::int n, min(v::int), max(v::int) from thing')).toEqual([
          { n: 9000, min: 1, max: 9000 },
        ]);
      },
    ),
  );

  it('row-level security on the source is an error, not fewer rows', () =>
    withProject(
      {
        source: `${ITEM} alter table item enable row level security; create policy low on item using (id < 10)`,
        target: THING,
        mappings: { item: `source: { table: item, key: id }\n${TO}` },
      },
      async (project) => {
        const outcome = await project.run().then(
          (result) => ({ exitCode: result.exitCode, words: mappingOf(result, 'item').reason ?? '' }),
          (error: unknown) => ({ exitCode: 2, words: String(error) }),
        );
        expect(outcome.exitCode).toBe(2);
        expect(outcome.words).toMatch(/row-level security.*item/i);
      },
    ));

  const ROLE = 'reader_of_nothing';
  const CONNECT = `do $$ begin execute format('grant connect, create on database %I to ${ROLE}', current_database()); end $$`;
  const asRole = (url: string): string => {
    const changed = new URL(url);
    changed.username = ROLE;
    changed.password = 'x';
    return changed.href;
  };

  it('a role without rights is told the table, before anything is loaded', () =>
    withProject(
      { source: ITEM, target: THING, mappings: { item: `source: { table: item, key: id }\n${TO}` } },
      async (project) => {
        const attempt = async (urls: { source?: string; target?: string }): Promise<string> =>
          project.run({ urls }).then(
            (result) => `${String(result.exitCode)} ${result.mappings[0]?.reason ?? ''}`,
            (error: unknown) =>
              `${error instanceof Error && 'exitCode' in error ? String(error.exitCode) : ''} ${String(error)}`,
          );
        const source = asRole(project.databases.source);
        await project.source(`create role ${ROLE} login password 'x'; ${CONNECT}`);
        try {
          await project.target(`${CONNECT}; grant select on thing to ${ROLE}`);
          expect(await attempt({ source })).toMatch(/^2 .*item/);
          expect(await attempt({ target: asRole(project.databases.target) })).toMatch(/^2 .*thing/);
          expect(await project.target('select from thing')).toEqual([]);
          // What it may read through a view alone it can read, though not lock.
          await project.source(`create view seen as select * from item; grant select on seen to ${ROLE}`);
          await project.write('item', `source: { table: seen, key: id }\n${TO}`);
          await project.target('drop schema if exists etl cascade');
          expect(await attempt({ source })).toBe('0 ');
        } finally {
          await project.target(`drop owned by ${ROLE} cascade`);
          await project.source(`drop owned by ${ROLE} cascade; drop role ${ROLE}`);
        }
      },
    ));
});
