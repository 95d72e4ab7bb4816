import { describe, expect, it } from 'vitest';
import { accountingFaults, countsOf, mappingOf, withProject } from '../support/project.js';

/** Why the target refuses single rows: the table's SQL, the condition of the bad rows, and what the reject says. */
const REASONS: readonly (readonly [string, string, string, string, string])[] = [
  [
    'check',
    'create table thing (id int primary key, n int constraint small check (n < 1000))',
    'small',
    '23514',
    '',
  ],
  [
    'domain',
    'create domain d as int constraint small check (value < 1000); create table thing (id int primary key, n d)',
    'small',
    '23514',
    '',
  ],
  ['unique', 'create table thing (id int primary key, n int constraint once unique)', 'once', '23505', 'n'],
  [
    'unique index',
    'create table thing (id int primary key, n int); create unique index once on thing ((n % 100000))',
    'once',
    '23505',
    '',
  ],
  [
    'deferrable unique',
    'create table thing (id int primary key, n int constraint once unique deferrable initially deferred)',
    'once',
    '23505',
    'n',
  ],
  [
    'foreign key',
    'create table other (n int primary key); insert into other select generate_series(1, 999); create table thing (id int primary key, n int constraint known references other)',
    'known',
    '23503',
    'n',
  ],
  [
    'deferred foreign key',
    'create table other (n int primary key); insert into other select generate_series(1, 999); create table thing (id int primary key, n int constraint known references other deferrable initially deferred)',
    'known',
    '23503',
    'n',
  ],
  [
    'exclusion',
    'create table thing (id int primary key, n int, constraint apart exclude using btree (n with =))',
    'apart',
    '23P01',
    'n',
  ],
  [
    'trigger that raises',
    `create table thing (id int primary key, n int); create function f() returns trigger language plpgsql as $$ begin if new.n >= 1000 then raise 'no % here', new.n; end if; return new; end $$; create trigger t before insert on thing for each row execute function f()`,
    'database',
    'P0001',
    '',
  ],
  [
    'after trigger that raises its own code',
    `create table thing (id int primary key, n int); create function f() returns trigger language plpgsql as $$ begin if new.n >= 1000 then raise 'no' using errcode = 'AB123'; end if; return new; end $$; create trigger t after insert on thing for each row execute function f()`,
    'database',
    'AB123',
    '',
  ],
  [
    'constraint trigger, deferred',
    `create table thing (id int primary key, n int); create function f() returns trigger language plpgsql as $$ begin if new.n >= 1000 then raise 'late no'; end if; return null; end $$; create constraint trigger t after insert on thing deferrable initially deferred for each row execute function f()`,
    'database',
    'P0001',
    '',
  ],
  [
    'trigger that swallows',
    `create table thing (id int primary key, n int); create function f() returns trigger language plpgsql as $$ begin if new.n >= 1000 then return null; end if; return new; end $$; create trigger t before insert on thing for each row execute function f()`,
    'trigger',
    'ETL01',
    '',
  ],
  [
    'generated column',
    'create table thing (id int primary key, n int, g int generated always as (1 / (case when n >= 1000 then 0 else 1 end)) stored)',
    'database',
    '22012',
    '',
  ],
  [
    'partition',
    'create table thing (id int, n int, primary key (id, n)) partition by range (n); create table low partition of thing for values from (0) to (1000)',
    'database',
    '23514',
    '',
  ],
];

const MAPPING = `
source: { table: item, key: id }
target: { table: thing, KEY }
columns: { id: id, n: n }
max_rejects: 100%
stop_at: 100%
`;

describe('what the database alone finds is one reject a row, and its neighbours are loaded', () => {
  it.for(REASONS)('%s', ([, table, rule, sqlstate, column]) =>
    withProject(
      {
        // 1 % bad of 300, at batch borders too; the bad rows of one n come after the good one of it.
        source: `create table item (id int primary key, n int);
          insert into item select i, case when i % 100 in (10, 11, 50) then 1000 else i end from generate_series(1, 300) i`,
        target: table,
        mappings: {
          item: MAPPING.replace('KEY', table.includes('partition by') ? 'key: [id, n]' : 'key: id'),
        },
        settings: 'defaults: { batch_rows: 10 }',
      },
      async (project) => {
        const result = await project.run();
        // Of several rows with one unique value the one with the lowest key stays.
        const kept = ['23505', '23P01'].includes(sqlstate) ? 1 : 0;
        expect(countsOf(result, 'item')).toBe(
          `read 300, inserted ${String(291 + kept)}, rejected ${String(9 - kept)}`,
        );
        expect(await accountingFaults(project, result)).toEqual([]);
        const [rows] = await project.target(
          'select count(*)::int n, min(id) filter (where n = 1000) first from thing',
        );
        expect(rows).toEqual({ n: 291 + kept, first: kept === 1 ? 10 : null });
        const rejects = await project.target(
          'select source_key, column_name, rule, sqlstate, "row", line, file from etl.rejects order by source_key::int',
        );
        const [first] = rejects;
        expect(first).toMatchObject({
          source_key: kept === 1 ? '11' : '10',
          rule,
          sqlstate,
          column_name: column === '' ? null : column,
        });
        expect(first?.['row']).toMatchObject({ n: '1000' });
        expect(first?.['line']).toBe(column === 'n' ? 4 : 3);
        const again = await project.run();
        expect(countsOf(again, 'item')).toBe(
          `read 300, unchanged ${String(291 + kept)}, rejected ${String(9 - kept)}`,
        );
      },
    ),
  );
});

describe('values that only the database can judge', () => {
  it.for([
    ['an element of an array that is too long', 'varchar[]', "'{abcdef}'", 'varchar(3)[]', "'{abc}'"],
    [
      'an index row that is too large',
      'text',
      "(select string_agg(md5(i::text), '') from generate_series(1, 400) i)",
      'text unique',
      "'short'",
    ],
    ['JSON that jsonb cannot hold', 'json', `'{"a":"\\u0000"}'`, 'jsonb', `'{"a":1}'`],
    ['a number beyond jsonb', 'json', `'{"a":1e999999}'`, 'jsonb', `'{"a":1}'`],
  ] as const)('%s', ([, from, bad, to, good]) =>
    withProject(
      {
        source: `create table item (id int primary key, n ${from}); insert into item values (1, ${good}), (2, ${bad}), (3, null)`,
        target: `create table thing (id int primary key, n ${to})`,
        mappings: { item: MAPPING.replace('KEY', 'key: id') },
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'item')).toBe('read 3, inserted 2, rejected 1');
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ),
  );

  it('an enum value that the target does not have', () =>
    withProject(
      {
        source: `create type mood as enum ('sad', 'ok'); create table item (id int primary key, n mood, t text);
          insert into item values (1, 'ok', 'ok'), (2, 'sad', 'ok'), (3, 'ok', 'glad')`,
        target: "create type mood as enum ('ok'); create table thing (id int primary key, n mood, t mood)",
        mappings: { item: MAPPING.replace('KEY', 'key: id').replace('n: n', 'n: n, t: t') },
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'item')).toBe('read 3, inserted 1, rejected 2');
        expect(mappingOf(result, 'item').rejects.map((group) => [group.column, group.rule])).toEqual([
          ['n', 'enum'],
          ['t', 'enum'],
        ]);
      },
    ));
});

describe('how many rows are bad', () => {
  it.for([
    ['none', '1 = 0', '1 row', 0, 500, 0],
    ['all', '1 = 1', '100%', 0, 0, 500],
    ['all, and stop_at is 20 rows', '1 = 1', '20', 4, 0, 20],
    ['every hundredth, max_rejects is 1 %', 'i % 100 = 0', '1%', 0, 495, 5],
  ] as const)('%s', ([name, bad, threshold, exitCode, inserted, rejected]) =>
    withProject(
      {
        source: `create table item (id int primary key, n int); insert into item select i, case when ${bad} then 1000 else i end from generate_series(1, 500) i`,
        target: 'create table thing (id int primary key, n int check (n < 1000))',
        mappings: {
          item: MAPPING.replace('KEY', 'key: id')
            .replace('max_rejects: 100%', `max_rejects: ${threshold === '1 row' ? '1' : threshold}`)
            .replace('stop_at: 100%', name.includes('stop_at') ? 'stop_at: 20' : 'stop_at: 100%'),
        },
        settings: 'defaults: { batch_rows: 10 }',
      },
      async (project) => {
        const result = await project.run();
        expect([result.exitCode, mappingOf(result, 'item').inserted]).toEqual([exitCode, inserted]);
        // The breaker looks before each batch is sent: at most one batch more than it allows.
        expect(mappingOf(result, 'item').rejected - rejected).toBeLessThanOrEqual(
          name.includes('stop_at') ? 10 : 0,
        );
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ),
  );
});

describe('a changed row that the database refuses', () => {
  it('is rejected, stays as it was, and its neighbours are updated', () =>
    withProject(
      {
        source:
          'create table item (id int primary key, n int); insert into item select i, i from generate_series(1, 50) i',
        target:
          'create table other (n int primary key); insert into other select generate_series(1, 2000); create table thing (id int primary key, n int unique check (n <> 1007) references other)',
        mappings: { item: MAPPING.replace('KEY', 'key: id') },
        settings: 'defaults: { batch_rows: 20 }',
      },
      async (project) => {
        await project.run();
        await project.source(
          'update item set n = n + 1000; update item set n = 5000 where id = 30; update item set n = 1001 where id = 31',
        );
        const result = await project.run();
        expect(countsOf(result, 'item')).toBe('read 50, updated 47, rejected 3');
        expect(await accountingFaults(project, result)).toEqual([]);
        const rows = await project.target('select id, n from thing where n < 1000 order by id');
        expect(rows).toEqual([
          { id: 7, n: 7 },
          { id: 30, n: 30 },
          { id: 31, n: 31 },
        ]);
      },
    ));

  it('by a trigger that swallows the update is no unchanged row', () =>
    withProject(
      {
        source:
          'create table item (id int primary key, n int); insert into item select i, i from generate_series(1, 5) i',
        target: `create table thing (id int primary key, n int);
          create function f() returns trigger language plpgsql as $$ begin if new.n = 1003 then return null; end if; return new; end $$;
          create trigger t before update on thing for each row execute function f()`,
        mappings: { item: MAPPING.replace('KEY', 'key: id') },
      },
      async (project) => {
        await project.run();
        await project.source('update item set n = n + 1000');
        expect(countsOf(await project.run(), 'item')).toBe('read 5, updated 4, rejected 1');
      },
    ));
});
