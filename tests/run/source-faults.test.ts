import { describe, expect, it } from 'vitest';
import { accountingFaults, countsOf, mappingOf, withProject } from '../support/project.js';

const SETTINGS = 'defaults: { batch_rows: 50, stop_at: 100%, max_rejects: 100% }';
const mapping = (source: string, columns: string, more = ''): string =>
  `source: ${source}\ntarget: { table: thing, key: id }\ncolumns:\n  id: id\n${columns}\n${more}`;
const FROM_TABLE = '{ table: thing, key: id, partition: PARTITION }';
const FROM_QUERY = '{ query: "select id, n, t from thing", key: id }';
/** 300 rows; n is 0 in those that a condition names. */
const rowsOf = (zero: string, key = 'int primary key'): string =>
  `create table thing (id ${key}, n int, t text);
   insert into thing select i, case when ${zero} then 0 else 10 end, 'x' || i from generate_series(1, 300) i; analyze thing`;
const TARGET = 'create table thing (id text primary key, n int, q int, t text)';

describe('an error inside the source’s SQL', () => {
  it.for([
    ['one row, of a table', FROM_TABLE, 'i = 150', 'int primary key', 1],
    ['one row, of a query', FROM_QUERY, 'i = 150', 'int primary key', 1],
    ['the first and the last', FROM_TABLE, 'i in (1, 300)', 'int primary key', 2],
    ['every other', FROM_TABLE, 'i % 2 = 0', 'int primary key', 150],
    ['all', FROM_TABLE, 'true', 'int primary key', 300],
    ['in key ranges', FROM_TABLE.replace('PARTITION', '{ rows: 90 }'), 'i % 45 = 0', 'int primary key', 6],
    ['a key without an index', FROM_TABLE, 'i in (20, 21, 299)', 'int', 3],
    ['a key of text', FROM_TABLE, 'i in (7, 70, 77)', 'text primary key', 3],
    ['a key of decimals', FROM_TABLE, 'i in (7, 70, 77)', 'numeric(9,2) primary key', 3],
  ] as const)('rejects the rows that it is about: %s', ([, source, zero, key, bad]) =>
    withProject(
      {
        source: rowsOf(zero, key),
        target: TARGET,
        mappings: {
          thing: mapping(
            source.replace('PARTITION', 'auto'),
            '  n: { sql: "100 / n -- ten" }\n  q: { sql: "length(t) / q.n" }\n  t: t',
          ),
        },
        settings: SETTINGS,
      },
      async (project) => {
        for (const word of ['inserted', 'unchanged']) {
          const result = await project.run();
          expect(countsOf(result, 'thing')).toBe(
            [
              'read 300',
              ...(bad < 300 ? [`${word} ${String(300 - bad)}`] : []),
              `rejected ${String(bad)}`,
            ].join(', '),
          );
          expect(await accountingFaults(project, result)).toEqual([]);
          const rejects = await project.target(
            `select source_key k, column_name, rule, sqlstate, reason, "row"->>'t' t from etl.rejects where run = $1 order by length(source_key), 1`,
            [result.run],
          );
          const wanted = await project.source(
            'select id::text k, t from thing where n = 0 order by length(id::text), 1',
          );
          expect(rejects).toEqual(
            wanted.map(({ k, t }) => ({
              k, t, column_name: 'n', rule: 'sql', sqlstate: '22012',
              reason: 'the source cannot compute it: division by zero',
            })), // prettier-ignore
          );
          const [left] = await project.target('select count(*)::int n from thing where n = 10');
          expect(left).toEqual({ n: 300 - bad });
        }
      },
    ),
  );

  it('rejects rows whose rule, condition or function fails, whichever it is; what is skipped is skipped', () =>
    withProject(
      {
        source: `${rowsOf('i = 10')}; update thing set t = 'abc' where id = 20; update thing set t = '1' where id <> 20;
          create function odd(i int) returns int language plpgsql as $$ begin if i = 30 then raise 'not thirty'; end if; return i; end $$;
          update thing set n = 0 where id = 40`,
        target: TARGET,
        mappings: {
          thing: mapping(
            '{ table: thing, key: id, skip_when: { forty: "id = 40", low: "t::int > 5" } }',
            '  n: { sql: "odd(id)" }\n  t: { sql: "(100 / n)::text", steps: [trim] }',
            'rules: [{ sql: "1 / (id - 50) < 9" }]',
          ),
        },
        settings: SETTINGS,
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'thing')).toBe('read 300, inserted 295, skipped 1, rejected 4');
        expect(await accountingFaults(project, result)).toEqual([]);
        const rejects = await project.target(
          'select source_key k, column_name c, sqlstate, reason, line from etl.rejects order by length(source_key), 1',
        );
        expect(rejects.map((row) => [row['k'], row['c'], row['sqlstate'], row['line']])).toEqual([
          ['10', 't', '22012', 6],
          ['20', null, '22P02', 1],
          ['30', 'n', 'P0001', 5],
          ['50', null, '22012', 7],
        ]);
        expect(String(rejects[2]?.['reason'])).toContain('not thirty');
      },
    ));

  it('takes no row away where a key stands twice or is null', () =>
    withProject(
      {
        source:
          "create table thing (id int, n int, t text); create index on thing (id); insert into thing select i / 2, case when i % 40 in (5, 6) then 0 else 1 end, 'x' from generate_series(0, 299) i; insert into thing values (null, 0, 'n'), (null, 1, 'n')",
        target: TARGET,
        mappings: { thing: mapping(FROM_TABLE.replace('PARTITION', 'auto'), '  n: { sql: "5 / n" }') },
        settings: SETTINGS,
      },
      async (project) => {
        await project.source(
          'delete from thing where ctid in (select max(ctid) from thing where id % 3 = 0 group by id)',
        );
        const [all] = await project.source('select count(*)::int n from thing');
        const good =
          'select id from thing where id is not null group by id having count(*) = 1 and min(n) > 0';
        const [fine] = await project.source(`select count(*)::int n from (${good}) x`);
        const result = await project.run();
        expect(mappingOf(result, 'thing')).toMatchObject({
          read: all?.['n'],
          inserted: fine?.['n'],
          unexplained: 0,
        });
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ));

  it.for([
    ['a table’s condition', '{ table: thing, where: "100 / n > 1", key: id }'],
    ['a query’s column', '{ query: "select id, 100 / n as n, t from thing", key: id }'],
  ] as const)('in %s fails the mapping and names the key', ([, source]) =>
    withProject(
      {
        source: rowsOf('i = 137'),
        target: TARGET,
        mappings: { thing: mapping(source, '  n: n') },
        settings: SETTINGS,
      },
      async (project) => {
        const result = await project.run();
        expect(result.exitCode).toBe(2);
        expect(mappingOf(result, 'thing').reason).toMatch(
          /the row with the key 137.*division by zero.*thing\.yaml:1/,
        );
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ),
  );

  it('names more rows than one question does', () =>
    withProject(
      {
        source: `create table thing (id int, n int, t text); insert into thing select i, i % 2, 'x' from generate_series(1, 21000) i`,
        target: TARGET,
        mappings: { thing: mapping(FROM_TABLE.replace('PARTITION', 'auto'), '  n: { sql: "5 / n" }') },
        settings: SETTINGS.replace('50', '5000'),
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'thing')).toBe('read 21000, inserted 10500, rejected 10500');
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ));
});
