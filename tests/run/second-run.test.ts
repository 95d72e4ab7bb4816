import { describe, expect, it } from 'vitest';
import { accountingFaults, countsOf, withProject } from '../support/project.js';

const TYPES = `create extension citext; create type mood as enum ('MOODS'); create type pair as (a int, b text);
  create domain email as varchar(9) check (value ~ '@');`;
const types = (moods: string): string => TYPES.replace('MOODS', moods);

/** Target type, source type, values. */
const SAME: readonly (readonly [string, string, string])[] = [
  ['numeric(12,2)', 'numeric', "'1.5', '1.50', '1', '-0.00', 'NaN'"],
  ['numeric', 'numeric', "'1.5', '1.50', '1e3', '1.000000000000000000000000001'"],
  ['float8', 'float8', "'0.1', '1e300', '-0', 'NaN', '-Infinity'"],
  ['float8', 'float4', "'0.1', '3.4028235e38', '1e-45'"],
  ['json', 'json', `'{"b":1, "a":1.0}', '[1,  2]', 'null'`],
  ['jsonb', 'json', `'{"b":1, "a":1.0}', '{"a":1,"a":2}'`],
  ['jsonb', 'jsonb', `'{"b":1.10}', '1e5', '"\\u0041"'`],
  ['text[]', 'text[]', `'{a,"b,c",NULL,"null",""}', '{}', '[2:3]={x,y}', '{{a,b},{c,d}}'`],
  ['numeric[]', 'numeric[]', "'{1.10,NULL,NaN}'"],
  ['bytea', 'bytea', "'\\x00ff5c6e', ''"],
  ['char(7)', 'char(5)', "'ab', '', 'ab   '"],
  ['varchar(5)', 'varchar(5)', "'ab   ', '', 'äöü'"],
  ['timestamptz', 'timestamptz', "'2020-01-01 00:00:00.123456+05:30', 'infinity', '4713-01-01 BC'"],
  ['timestamp', 'timestamp', "'2020-01-01 00:00:00.1', '-infinity', '0001-01-01 BC'"],
  ['interval', 'interval', "'1 mon -1 day', '-00:00:01.5', '1 year 2 mons 3 days 04:05:06'"],
  ['time', 'time', "'24:00:00', '00:00:00.000001'"],
  ['timetz', 'timetz', "'12:00+02', '00:00-12:30'"],
  ['int4range', 'int4range', "'[1,5)', 'empty', '(,)'"],
  ['inet', 'inet', "'10.0.0.1', '10.0.0.0/8', '::1'"],
  ['bit(5)', 'bit(5)', "'10101'"],
  ['bit varying(5)', 'bit varying(7)', "'1', ''"],
  ['tsvector', 'tsvector', "'fat:1A cat:2'"],
  ['point', 'point', "'(1.5,2)'"],
  ['xml', 'xml', '\'<a b="1">&amp;</a>\''],
  ['money', 'money', "'$12.34'"],
  ['bool', 'boolean', "'t', 'f'"],
  ['mood', 'mood', "'sad', 'ok'"],
  ['email', 'email', "'A@x', 'b@y'"],
  ['pair', 'pair', `'(1,"a b")', '(,)'`],
];

/** A table for each of some pairs of types: `source0`, `target0`, …, and the mappings between them. */
function tables(pairs: readonly (readonly [string, string, ...string[]])[]): {
  source: string;
  target: string;
  mappings: Record<string, string>;
} {
  const make = (name: string, at: 0 | 1): string =>
    pairs.map((pair, n) => `create table ${name}${String(n)} (id int primary key, v ${pair[at]});`).join(' ');
  return {
    source: types("sad', 'ok") + make('source', 1),
    target: types("ok', 'sad") + make('target', 0),
    mappings: Object.fromEntries(
      pairs.map((_, n) => [
        `m${String(n)}`,
        `source: { table: source${String(n)}, key: id }\ntarget: { table: target${String(n)}, key: id }\ncolumns: { "*": same_name }\nmax_rejects: 100%`,
      ]),
    ),
  };
}

/** Target type, source type, value before, value after. */
const DIFFERENT: readonly (readonly [string, string, string, string])[] = [
  ['numeric(12,2)', 'numeric', '1.5', '1.51'],
  ['numeric', 'numeric', '1.0', '1.00'],
  ['varchar(3)[]', 'varchar[]', '{abc}', '{abx}'],
  ['float8', 'float8', '0', '-0'],
  ['citext', 'citext', 'a', 'A'],
  ['text', 'text', '', 'NULL'],
  ['char(3)', 'char(3)', 'a', 'A'],
  ['timestamptz', 'timestamptz', '2020-01-01 00:00:00+00', '2020-01-01 00:00:00.000001+00'],
];
const CUT: readonly (readonly [string, string, string, string])[] = [
  ['varchar(3)[]', 'varchar[]', '{abc}', '{abcd}'],
  ['bit varying(3)', 'bit varying', '101', '1011'],
];

describe('a second run', () => {
  it('inserts what is new, updates what differs, rejects what became bad and loads what was mended', () =>
    withProject(
      {
        source: `create table item (id int primary key, n int, t text);
          insert into item select i, i, 't' || i from generate_series(1, 30) i; update item set n = -1 where id in (5, 17)`,
        target:
          'create table thing (id int primary key, n int check (n >= 0), t text, seen timestamptz, run text)',
        mappings: {
          item: `
source: { table: item, key: id, skip_when: { unwanted: "t = 'skip'" } }
target: { table: thing, key: id }
columns: { id: id, n: n, t: t, seen: { generate: now }, run: { run: id } }
max_rejects: 10
`,
        },
        settings: 'defaults: { batch_rows: 7 }',
      },
      async (project) => {
        const first = await project.run();
        expect(countsOf(first, 'item')).toBe('read 30, inserted 28, rejected 2');
        expect(await accountingFaults(project, first)).toEqual([]);
        expect(countsOf(await project.run(), 'item')).toBe('read 30, unchanged 28, rejected 2');
        await project.source(`update item set n = 50 where id = 5; update item set t = 'new' where id in (6, 7);
          update item set n = -5, t = 'bad now' where id = 8; update item set t = 'skip' where id = 9;
          delete from item where id = 10; insert into item values (31, 31, 'added')`);
        const third = await project.run();
        expect(countsOf(third, 'item')).toBe(
          'read 30, inserted 2, updated 2, unchanged 23, skipped 1, rejected 2',
        );
        expect(await accountingFaults(project, third)).toEqual([]);
        const rows = await project.target(
          'select id, n, t, run from thing where id in (1, 5, 6, 8, 9, 10, 31) order by id',
        );
        expect(rows).toEqual([
          { id: 1, n: 1, t: 't1', run: first.run },
          { id: 5, n: 50, t: 't5', run: third.run },
          { id: 6, n: 6, t: 'new', run: third.run },
          // What is rejected now stays as it was loaded.
          { id: 8, n: 8, t: 't8', run: first.run },
          { id: 9, n: 9, t: 't9', run: first.run },
          { id: 10, n: 10, t: 't10', run: first.run },
          { id: 31, n: 31, t: 'added', run: third.run },
        ]);
      },
    ));

  it('finds nothing to change where nothing has changed, whatever the type', () => {
    const made = tables(SAME);
    const values = SAME.map(([, , list], n) =>
      [...list.split(/, (?=')/), 'null'].map(
        (v, id) => `insert into source${String(n)} values (${String(id)}, ${v});`,
      ),
    );
    return withProject({ ...made, source: made.source + values.flat().join(' ') }, async (project) => {
      await project.run();
      const second = await project.run();
      for (const [n, [to, from]] of SAME.entries()) {
        const rows = String(values[n]?.length);
        expect([to, from, countsOf(second, `m${String(n)}`)]).toEqual([
          to,
          from,
          `read ${rows}, unchanged ${rows}`,
        ]);
        if (from !== to) continue;
        const text = (table: string): string => `select id, v::text from ${table}${String(n)} order by id`;
        expect(await project.target(text('target'))).toEqual(await project.source(text('source')));
      }
    });
  });

  it.for([
    ['sees the smallest difference', DIFFERENT, 'updated'],
    ['rejects what an array or a bit string would cut off', CUT, 'rejected'],
  ] as const)('%s', ([, cases, what]) => {
    const made = tables(cases);
    const first = cases.map(([, , before], n) => `insert into source${String(n)} values (1, '${before}');`);
    return withProject({ ...made, source: made.source + first.join(' ') }, async (project) => {
      await project.run();
      for (const [n, [, , , after]] of cases.entries()) {
        await project.source(`update source${String(n)} set v = $1`, [after === 'NULL' ? null : after]);
      }
      const second = await project.run();
      for (const [n, [to, from]] of cases.entries()) {
        expect([to, from, countsOf(second, `m${String(n)}`)]).toEqual([to, from, `read 1, ${what} 1`]);
      }
    });
  });
});
