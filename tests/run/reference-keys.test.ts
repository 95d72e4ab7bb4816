import { expect, test } from 'vitest';
import { accountingFaults, countsOf, mappingOf, withProject } from '../support/project.js';

/** Keys of several columns whose parts hold what could part them; each refers to the one before. */
const PAIRS = [
  ['x', 'y'],
  ['x"', ',"y'],
  ['x","y', ''],
  ['', 'x","y'],
  ['["x"', 'y"]'],
  ['x\\', 'y'],
  [' ', '\t'],
  ['0', 'false'],
] as const;

const text = (value: string): string => `'${value}'`;

const PAIR = `
create table pair (a text, b text, up_a text, up_b text, primary key (b, a));
create table old_pair (a text, b text, primary key (a, b));
insert into pair values ${PAIRS.map(([a, b], n) => {
  const up = PAIRS[n + 1];
  return `(${[a, b].map(text).join(', ')}, ${up === undefined ? 'null, null' : up.map(text).join(', ')})`;
}).join(', ')};
insert into old_pair values ('x', 'y'), ('old', 'y');
create table child (id int primary key, a text, b text, kind text);
insert into child select row_number() over (order by a, b), a, b, 'p' from pair;
insert into child values (20, 'old', 'y', 'o'), (21, null, 'y', 'p'), (22, 'x', null, null), (23, 'x,y', '', 'p'), (24, 'y', 'x', 'o')`;

const OLD = (target: string): string => `
source: { table: old_pair, key: [a, b] }
target: { table: ${target}, key: [kind, a, b], identity: { column: id, strategy: database } }
columns: { kind: { value: o }, a: a, b: b }`;

test('a key of several columns: to itself, to the first of several, by a switch; ids that the database assigns', async () => {
  const files = {
    source: PAIR,
    target: `create table pair (id int generated always as identity primary key, kind text, a text, b text,
        up int references pair, unique (kind, a, b));
      create table child (id int primary key, listed int references pair, switched int references pair)`,
    mappings: {
      pair: `
source: { table: pair, key: [a, b] }
target: { table: pair, key: [kind, a, b], identity: { column: id, strategy: database } }
columns: { kind: { value: p }, a: a, b: b, up: { from: [up_a, up_b], references: pair } }`,
      old_pair: OLD('pair'),
      child: `
source: { table: child, key: id }
target: { table: child, key: id }
columns:
  id: id
  listed: { from: [a, b], references: [pair, old_pair], missing: null }
  switched: { from: [a, b], references: { switch: kind, cases: { p: pair, o: old_pair } }, missing: null }`,
    },
  };
  await withProject(files, async (project) => {
    const first = await project.run();
    expect(await accountingFaults(project, first)).toEqual([]);
    const ups = await project.target(
      `select c.a, c.b, p.a up_a, p.b up_b from pair c left join pair p on p.id = c.up where c.kind = 'p'`,
    );
    const up = new Map(
      ups.map((row) => [JSON.stringify([row['a'], row['b']]), JSON.stringify([row['up_a'], row['up_b']])]),
    );
    for (const [n, pair] of PAIRS.entries()) {
      expect(up.get(JSON.stringify(pair))).toBe(JSON.stringify(PAIRS[n + 1] ?? [null, null]));
    }
    const children = await project.target(
      `select c.id, l.kind || l.a || '|' || l.b listed, s.kind || s.a || '|' || s.b switched
       from child c left join pair l on l.id = c.listed left join pair s on s.id = c.switched where c.id >= 20 order by 1`,
    );
    expect(children).toEqual([
      { id: 20, listed: 'oold|y', switched: 'oold|y' },
      { id: 21, listed: null, switched: null },
      { id: 22, listed: null, switched: null },
      { id: 23, listed: null, switched: null },
      { id: 24, listed: null, switched: null },
    ]);
    expect(
      mappingOf(first, 'child').references.map((one) => Object.values(one).slice(0, 6).join(' ')),
    ).toEqual([
      'listed pair 8 2 0 2',
      'listed old_pair 1 0 0 0',
      'switched pair 8 2 0 1',
      'switched old_pair 1 0 0 1',
    ]);
    const again = await project.run();
    expect(again.mappings.map(({ mapping }) => countsOf(again, mapping))).toEqual([
      ...again.mappings.map(({ read }) => `read ${String(read)}, unchanged ${String(read)}`),
    ]);
  });
});

const UUID = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';

/** The rows of each mapping that is referred to: its key's type, and its keys. */
const PARENTS = {
  ints: ['int', '0, 1, 7, -3'],
  numbers: ['numeric', '1.50, 0, 100'],
  texts: ['text', `'', '7', 'a.b', 'ab', '0', 'x ', '1.0'`],
  chars: ['char(5)', `'ab', '7'`],
  uuids: ['uuid', `'${UUID}'`],
  flags: ['boolean', 'true, false'],
} as const;

/** What a source gives, the mapping that it refers to, and the key that is found there; null where none is. */
const KEYS: readonly (readonly [sql: string, parent: keyof typeof PARENTS, found: string | null])[] = [
  ['0', 'ints', '0'],
  ['0', 'texts', '0'],
  [`''::text`, 'texts', ''],
  [`''::text`, 'ints', null],
  ['false', 'flags', 'false'],
  ['true', 'flags', 'true'],
  [`'a.b'::text`, 'texts', 'a.b'],
  [`'ab'::char(5)`, 'chars', 'ab'],
  [`'ab'::char(9)`, 'texts', 'ab'],
  [`'ab'::text`, 'chars', 'ab'],
  [`'x'::text`, 'texts', null],
  [`'x '::text`, 'texts', 'x '],
  ['1.0::numeric', 'ints', '1'],
  ['1.00::numeric', 'numbers', null],
  ['1.5::numeric', 'numbers', '1.50'],
  [`'1.500'::text`, 'numbers', '1.50'],
  ['100::int', 'numbers', '100'],
  [`'1e2'::text`, 'numbers', '100'],
  [`'007'::text`, 'ints', '7'],
  [`'007'::text`, 'texts', null],
  ['7', 'texts', '7'],
  ['7.00::numeric', 'texts', '7'],
  ['7', 'chars', '7'],
  [`'x'::text`, 'ints', null],
  ['-3', 'ints', '-3'],
  [`upper('${UUID}')::uuid`, 'uuids', UUID],
  [`'${UUID}'::text`, 'uuids', UUID],
  // All but numbers, booleans and char(n) compare as text.
  [`upper('${UUID}')`, 'uuids', null],
];

/** A null, or a key that is not there, and what the column says to it. */
const WORDS: readonly (readonly [value: string, words: string, gives: number | null | 'rejected'])[] = [
  ['null::int', '', null],
  ['null::int', ', default: 99', 99],
  ['null::int', ', missing: fail', null],
  ['null::int', ', missing: reject, default: 99', 99],
  ['5', ', missing: null', null],
  ['5', ', default: 99', 99],
  ['5', ', missing: null, default: 99', 99],
  ['5', ', missing: reject, default: 99', 'rejected'],
  ['5', '', 'rejected'],
];

test('keys compare by value; null and what is missing get what the column says', async () => {
  const parents = Object.entries(PARENTS);
  const column = (n: number, parent: string, words: string): string =>
    `  c${String(n)}: { from: c${String(n)}, references: ${parent}${words} }`;
  const child = (name: string, list: readonly string[], columns: readonly string[]): string => `
source: { query: "select 1 as id, ${list.map((sql, n) => `${sql} as c${String(n)}`).join(', ')}", key: id }
target: { table: ${name}, key: id }
max_rejects: 100%
columns:
  id: id
${columns.join('\n')}`;
  const ints = (count: number): string =>
    Array.from({ length: count }, (_, n) => `, c${String(n)} int`).join('');
  const rejecting = WORDS.flatMap((one, n) => (one[2] === 'rejected' ? [{ one, n }] : []));
  const kept = WORDS.filter((one) => one[2] !== 'rejected');
  const files = {
    source: parents
      .map(
        ([name, [type, keys]]) =>
          `create table ${name} (k ${type} primary key); insert into ${name} select unnest(array[${keys}]::${type}[]);`,
      )
      .join('\n'),
    target: `${parents.map(([name, [type]]) => `create table ${name} (id serial primary key, k ${type} unique);`).join('\n')}
      create table edges (id int primary key${ints(KEYS.length)});
      create table words (id int primary key${ints(kept.length)});
      ${rejecting.map(({ n }) => `create table reject_${String(n)} (id int primary key, c0 int);`).join('\n')}`,
    mappings: {
      ...Object.fromEntries(
        parents.map(([name]) => [
          name,
          `source: { table: ${name}, key: k }\ntarget: { table: ${name}, key: k, identity: id }\ncolumns: { k: k }`,
        ]),
      ),
      edges: child(
        'edges',
        KEYS.map(([sql]) => sql),
        KEYS.map(([, parent], n) => column(n, parent, ', missing: null')),
      ),
      words: child(
        'words',
        kept.map(([sql]) => sql),
        kept.map(([, words], n) => column(n, 'ints', words)),
      ),
      ...Object.fromEntries(
        rejecting.map(({ one: [sql, words], n }) => [
          `reject_${String(n)}`,
          child(`reject_${String(n)}`, [sql], [column(0, 'ints', words)]),
        ]),
      ),
    },
  };
  await withProject(files, async (project) => {
    const result = await project.run();
    const list = KEYS.map(
      (
        [, parent],
        n,
      ) => `(select trim(trailing from k::text) || case when '${parent}' = 'texts' and k::text like '% ' then ' ' else '' end
        from ${parent} p where p.id = e.c${String(n)}) f${String(n)}`,
    );
    const [edges = {}] = await project.target(`select ${list.join(', ')} from edges e`);
    expect(KEYS.map(([sql, parent], n) => [sql, parent, edges[`f${String(n)}`]])).toEqual(KEYS);
    const [words = {}] = await project.target('select * from words');
    expect(kept.map(([sql, says], n) => [sql, says, words[`c${String(n)}`]])).toEqual(kept);
    expect(rejecting.map(({ n }) => countsOf(result, `reject_${String(n)}`))).toEqual(
      rejecting.map(() => 'read 1, rejected 1'),
    );
    expect(await accountingFaults(project, result)).toEqual([]);
  });
});
