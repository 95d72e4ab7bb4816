import { describe, expect, it } from 'vitest';
import { accountingFaults, countsOf, mappingOf, withProject } from '../support/project.js';

const SMALL = 'defaults: { batch_rows: 7 }';
const NODE = `
source: { table: node, key: KEY }
target: { table: tree, TARGET }
columns:
  COLUMNS
  parent: { from: FROM, references: REFERENCE }
max_rejects: 100%
stop_at: 100%
`;
interface Shape {
  readonly key?: string;
  readonly target?: string;
  readonly columns?: string;
  readonly from?: string;
  readonly reference?: string;
}
const node = ({ key, target, columns, from, reference }: Shape): string =>
  NODE.replace('KEY', key ?? 'id')
    .replace('TARGET', target ?? 'key: k, identity: id')
    .replace('COLUMNS', columns ?? 'k: id')
    .replace('FROM', from ?? 'up')
    .replace('REFERENCE', reference ?? 'node');
const TREE =
  'create table tree (id int generated always as identity (start 500) primary key, k int unique, parent int references tree)';
/** Target rows whose parent is not the one of the source, by legacy keys. */
const LINKS = 'select t.k, p.k as up from tree t left join tree p on p.id = t.parent order by t.k';

describe('a reference of a mapping to itself', () => {
  it.for([
    ['parents first', 'i / 2'],
    ['parents last', 'case when i < 60 then least(60, i * 2) end'],
    ['in any order', '(i * 37) % 61'],
    ['to the row itself', 'i'],
    ['in a ring', 'i % 60 + 1'],
  ] as const)('%s', ([, up]) =>
    withProject(
      {
        source: `create table node (id int primary key, up int); insert into node select i, nullif(${up}, 0) from generate_series(1, 60) i`,
        target: TREE,
        mappings: { node: node({}) },
        settings: SMALL,
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'node')).toBe('read 60, inserted 60');
        expect(await accountingFaults(project, result)).toEqual([]);
        expect(await project.target(LINKS)).toEqual(
          await project.source('select id k, up from node order by id'),
        );
        expect(countsOf(await project.run(), 'node')).toBe('read 60, unchanged 60');
        expect(await project.target('select from etl.second_pass')).toEqual([]);
      },
    ),
  );

  it.for([
    ['by a unique name', node({ from: 'boss', reference: '{ mapping: node, by: name }' })],
    [
      'with a uuid',
      node({ target: 'key: k, identity: { column: u, strategy: uuid5 }' }).replace('parent:', 'uparent:'),
    ],
    ['found by kept pairs', node({ target: 'identity: id' })],
    [
      'yielding another column',
      node({ reference: '{ mapping: node, yields: k }' }).replace('parent:', 'kparent:'),
    ],
  ] as const)('%s', ([name, text]) =>
    withProject(
      {
        source: `create table node (id int primary key, up int, name text unique, boss text);
          insert into node select i, i % 20 + 1, 'n' || i, 'n' || (i % 20 + 1) from generate_series(1, 20) i`,
        target: `create table tree (id int generated always as identity (start 500) primary key, u uuid default gen_random_uuid() unique, k int unique, parent int references tree, uparent uuid, kparent int)`,
        mappings: { node: text },
        settings: SMALL,
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'node')).toBe('read 20, inserted 20');
        const on =
          name === 'with a uuid'
            ? 'p.u = t.uparent'
            : name.startsWith('yielding')
              ? 'p.k = t.kparent'
              : 'p.id = t.parent';
        const [row] = await project.target(
          `select count(*)::int n from tree t join tree p on ${on} where p.k = t.k % 20 + 1`,
        );
        expect(row).toEqual({ n: 20 });
        expect(countsOf(await project.run(), 'node')).toBe('read 20, unchanged 20');
      },
    ),
  );

  it.for([
    ['ids of a sequence', 'key: k, identity: id', 'k: id', 'id'],
    ['ids made of the key', 'key: k, identity: { column: u, strategy: uuid5 }', 'k: id', 'u'],
    ['the source’s own ids', 'key: k, identity: { column: p, strategy: preserve }', 'k: id', 'p'],
    [
      'a mapped id',
      'key: k, identity: m',
      'k: id\n  m: { from: id, steps: [{ pad: { length: 4, with: "0" } }] }',
      'm',
    ],
    ['its key alone', 'key: k', 'k: id', 'k'],
    ['kept pairs', 'identity: id', 'k: id', 'id'],
  ] as const)(
    'that cannot be null, by %s: to itself, back and forth; orphans go with their chains',
    ([, target, columns, by]) =>
      withProject(
        {
          // 1..3 refer to themselves, 4.. to earlier and later rows in turn; 13 and 23 to none, and 33, 43 by them.
          source: `create table node (id int primary key, up int not null); insert into node
          select i, case when i <= 3 then i when i in (13, 23) then 900 + i when i in (33, 43) then i - 20
            when i % 2 = 0 then least(i + 4, 3) + (i % 5) * 12 % 60 else i / 2 end from generate_series(1, 60) i;
          update node set up = 60 where id in (10, 20); update node set up = 59 where id = 60; update node set up = 1 where up in (13, 23, 33, 43) and id not in (33, 43)`,
          target: `create table tree (id int generated always as identity (start 500) primary key, u uuid default gen_random_uuid() unique,
          p int unique, m text unique, k int unique, up_${by} ${by === 'u' ? 'uuid' : by === 'm' ? 'text' : 'int'} not null references tree (${by}))`,
          mappings: { node: node({ target, columns }).replace('parent:', `up_${by}:`) },
          settings: SMALL,
        },
        async (project) => {
          const links = `select t.k, o.k as up from tree t join tree o on o.${by} = t.up_${by} order by t.k`;
          const wanted = await project.source(
            'select id k, up from node where id not in (13, 23, 33, 43) order by id',
          );
          const first = await project.run();
          expect(countsOf(first, 'node')).toBe('read 60, inserted 56, rejected 4');
          expect(await accountingFaults(project, first)).toEqual([]);
          expect(await project.target(links)).toEqual(wanted);
          const second = await project.run();
          expect(countsOf(second, 'node')).toBe('read 60, unchanged 56, rejected 4');
          expect(await accountingFaults(project, second)).toEqual([]);
          expect(await project.target(links)).toEqual(wanted);
          expect(await project.target('select from etl.second_pass')).toEqual([]);
        },
      ),
  );

  it('that cannot be null and is no identity is an error of the plan', () =>
    withProject(
      {
        source: 'create table node (id int primary key, up int)',
        target:
          'create table tree (id int generated always as identity primary key, k int unique, parent int not null)',
        mappings: { node: node({ reference: '{ mapping: node, yields: k }' }) },
      },
      async (project) => {
        await expect(project.run()).rejects.toThrow(/ETL-BIND-014.*node → node/);
      },
    ));

  it.for([
    ['the key', 'key: k, identity: id'],
    ['kept pairs', 'identity: id'],
  ] as const)(
    'with a default for what is missing is unchanged in the second run, found by %s',
    ([, target]) =>
      withProject(
        {
          source:
            'create table node (id int primary key, up int); insert into node select i, i + 30 from generate_series(1, 40) i',
          target: `${TREE}; insert into tree (k) overriding user value values (0)`,
          mappings: {
            node: node({ target, reference: 'node, missing: null, default: 500' }),
          },
          settings: SMALL,
        },
        async (project) => {
          expect(countsOf(await project.run(), 'node')).toBe('read 40, inserted 40');
          expect(await project.target('select count(*)::int n from tree where parent = 500')).toEqual([
            { n: 30 },
          ]);
          const second = await project.run();
          expect(countsOf(second, 'node')).toBe('read 40, unchanged 40');
          expect(await accountingFaults(project, second)).toEqual([]);
          expect(await project.target('select count(*)::int n from tree where parent = 500')).toEqual([
            { n: 30 },
          ]);
          // Rows that change for their second pass alone are updated; 15 finds its parent, too.
          await project.source(
            'insert into node values (45, null); update node set up = 45 where id in (20, 21)',
          );
          const third = await project.run();
          expect(countsOf(third, 'node')).toBe('read 41, inserted 1, updated 3, unchanged 37');
          expect(await accountingFaults(project, third)).toEqual([]);
        },
      ),
  );
});

/** 1 is a root; 2 is under 90, which is missing; 3, 4, 5 hang under 2; 6 under 1; 0 under 5; dependants: each row once. */
const ORPHANS = `create table node (id int primary key, up int, other int); insert into node (id, up) values (0, 5), (1, null), (2, 90), (3, 2), (4, 3), (5, 4), (6, 1), (7, 91);
  create table leaf (id int primary key, node int); insert into leaf select i, i from generate_series(0, 7) i`;
const LEAF = `
source: { table: leaf, key: id }
target: { table: leaf, key: id }
columns: { id: id, node: { from: node, references: node } }
max_rejects: 100%
stop_at: 100%
`;
const LEAF_TABLE = '; create table leaf (id int primary key, node int not null references tree)';

describe('a row whose own reference is missing', () => {
  it.for([
    ['found in the target', node({}), 0],
    ['found by kept pairs', node({ target: 'identity: id' }), 2],
    [
      'with a composite key',
      node({
        key: '[id, tag]',
        target: 'key: [k, tag], identity: id',
        columns: 'k: id\n  tag: tag',
        from: '[up, tag]',
      }),
      0,
    ],
    ['with a key of decimals', node({ key: 'd', columns: 'k: d', from: 'dup' }), 0],
    [
      'found by kept pairs of a composite key',
      node({ key: '[id, tag]', target: 'identity: id', columns: 'k: id\n  tag: tag', from: '[up, tag]' }),
      2,
    ],
  ] as const)('goes with all that hang on it, and their dependants too: %s', ([name, text, pairs]) => {
    const composite = name.includes('composite');
    const leaf = composite ? LEAF.replace('from: node', 'from: [node, tag]') : LEAF;
    return withProject(
      {
        source: `${ORPHANS}; alter table node add tag text not null default 'x', add d numeric(9, 2), add dup numeric(9, 2); update node set d = id, dup = up;
          alter table leaf add tag text default 'x'; alter table node drop constraint node_pkey`,
        target: `create table tree (id int generated always as identity primary key, k numeric, tag text, parent int references tree, unique (k), unique (k, tag))${LEAF_TABLE}`,
        mappings: { node: text, leaf },
        settings: SMALL,
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'node')).toBe('read 8, inserted 2, rejected 6');
        expect(countsOf(result, 'leaf')).toBe('read 8, inserted 2, rejected 6');
        expect(await accountingFaults(project, result)).toEqual([]);
        expect((await project.target('select k::int from tree order by 1')).map((row) => row['k'])).toEqual([
          1, 6,
        ]);
        expect((await project.target('select from etl.key_map where mapping = $1', ['node'])).length).toBe(
          pairs,
        );
        const rejects = await project.target(
          "select source_key, value, reason from etl.rejects where mapping = 'node' order by source_key",
        );
        const shown = (id: number): string =>
          composite
            ? JSON.stringify([String(id), 'x'])
            : name.includes('decimals')
              ? `${String(id)}.00`
              : String(id);
        expect(rejects.map((row) => row['source_key'])).toEqual([0, 2, 3, 4, 5, 7].map(shown));
        expect(String(rejects[1]?.['reason'])).toContain('90');
        const again = await project.run();
        expect(countsOf(again, 'node')).toBe('read 8, unchanged 2, rejected 6');
        expect(await accountingFaults(project, again)).toEqual([]);
      },
    );
  });

  it('goes in the next run, where one was interrupted before the second pass', () =>
    withProject(
      {
        source: ORPHANS,
        target: TREE + LEAF_TABLE,
        mappings: { node: node({}), leaf: LEAF },
        settings: SMALL,
      },
      async (project) => {
        const first = await project.run({
          onEvent: (event, stop) => {
            if (event.type === 'stage' && event.mapping === 'node') stop.request('SIGINT');
          },
        });
        expect(countsOf(first, 'node')).toBe('read 8, inserted 8');
        expect(await accountingFaults(project, first)).toEqual([]);
        const second = await project.run();
        expect(mappingOf(second, 'node')).toMatchObject({ read: 8, rejected: 6, unexplained: 0 });
        expect(await accountingFaults(project, second)).toEqual([]);
        expect(await project.target('select k from tree order by k')).toEqual([{ k: 1 }, { k: 6 }]);
        expect(countsOf(second, 'leaf')).toBe('read 8, inserted 2, rejected 6');
        expect(await project.target('select from etl.second_pass')).toEqual([]);
      },
    ));

  it('by two columns at once is one reject', () =>
    withProject(
      {
        source: `${ORPHANS}; update node set other = 92 where id in (2, 6); update node set other = 3 where id = 1`,
        target: `create table tree (id int generated always as identity primary key, k int unique, parent int references tree, other int references tree)${LEAF_TABLE}`,
        mappings: {
          node: node({ columns: 'k: id\n  other: { from: other, references: node }' }),
          leaf: LEAF,
        },
        settings: SMALL,
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'node')).toBe('read 8, rejected 8');
        expect(countsOf(result, 'leaf')).toBe('read 8, rejected 8');
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ));

  it.for([
    ['missing: null', 'node\n    missing: null', 'null: 1, missing: 2'],
    ['a default', 'node\n    default: 501\n    missing: null', 'defaulted'],
  ] as const)('is loaded with %s', ([, reference]) =>
    withProject(
      {
        source: ORPHANS,
        target: TREE + LEAF_TABLE,
        mappings: {
          node: node({}).replace(
            '{ from: up, references: node }',
            `\n    from: up\n    references: ${reference}`,
          ),
          leaf: LEAF,
        },
        settings: SMALL,
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'node')).toBe('read 8, inserted 8');
        const orphans = await project.target('select parent from tree where k in (2, 7)');
        expect(orphans.map((row) => row['parent'])).toEqual(
          reference.includes('default') ? [501, 501] : [null, null],
        );
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ),
  );

  it('fails the mapping where it says missing: fail, naming the row', () =>
    withProject(
      {
        source: ORPHANS,
        target: TREE + LEAF_TABLE,
        mappings: { node: node({ reference: 'node, missing: fail' }), leaf: LEAF },
      },
      async (project) => {
        const result = await project.run();
        expect(result.exitCode).toBe(5);
        expect(mappingOf(result, 'node').reason).toMatch(/row 2.*90|row 7.*91/);
        expect(mappingOf(result, 'leaf').status).toBe('not_run');
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ));

  it('that was loaded before is rejected, and the counts close', () =>
    withProject(
      {
        source: ORPHANS.replace('(2, 90)', '(2, 1)').replace('(7, 91)', '(7, 1)'),
        target: TREE + LEAF_TABLE,
        mappings: { node: node({}), leaf: LEAF },
        settings: SMALL,
      },
      async (project) => {
        await project.run();
        await project.source('update node set up = 95 where id = 7; update node set up = 6 where id = 3');
        const result = await project.run();
        expect(countsOf(result, 'node')).toBe('read 8, updated 1, unchanged 6, rejected 1');
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ));
});

const PART = (own: string, other: string, more = ''): string => `
source: { table: ${own}, key: id }
target: { table: ${own}, key: k, identity: id }
columns:
  k: id
  ref: { from: ref, references: ${other}, missing: null }
${more}
max_rejects: 100%
`;

describe('mappings that refer to each other', () => {
  it.for([
    ['two', ['a', 'b']],
    ['three', ['a', 'b', 'c']],
  ] as const)('%s in a circle', ([, names]) =>
    withProject(
      {
        source: names
          .map(
            (n) =>
              `create table ${n} (id int primary key, ref int); insert into ${n} select i, (i * 7) % 32 from generate_series(1, 30) i;`,
          )
          .join(' '),
        target: names
          .map(
            (n) =>
              `create table ${n} (id int generated always as identity primary key, k int unique, ref int);`,
          )
          .join(' '),
        mappings: Object.fromEntries(
          names.map((n, at) => [n, PART(n, names[(at + 1) % names.length] ?? '')]),
        ),
        settings: SMALL,
      },
      async (project) => {
        for (const counts of ['read 30, inserted 30', 'read 30, unchanged 30']) {
          const result = await project.run();
          expect(names.map((n) => countsOf(result, n))).toEqual(names.map(() => counts));
          expect(await accountingFaults(project, result)).toEqual([]);
          for (const [at, n] of names.entries()) {
            const other = names[(at + 1) % names.length] ?? '';
            const rows = await project.target(
              `select t.k id, p.k ref from ${n} t left join ${other} p on p.id = t.ref order by 1`,
            );
            expect(rows).toEqual(
              await project.source(
                `select id, case when ref between 1 and 30 then ref end ref from ${n} order by 1`,
              ),
            );
          }
        }
      },
    ),
  );

  it('are completed by the next run, where one was interrupted between the passes', () =>
    withProject(
      {
        source: ['a', 'b']
          .map(
            (n) =>
              `create table ${n} (id int primary key, ref int); insert into ${n} select i, 31 - i from generate_series(1, 30) i;`,
          )
          .join(' '),
        target: ['a', 'b']
          .map(
            (n) =>
              `create table ${n} (id int generated always as identity primary key, k int unique, ref int);`,
          )
          .join(' '),
        mappings: { a: PART('a', 'b'), b: PART('b', 'a') },
        settings: SMALL,
      },
      async (project) => {
        const first = await project.run({
          onEvent: (event, stop) => {
            if (event.type === 'stage' && event.stage === 'count') stop.request('SIGINT');
          },
        });
        expect([first.exitCode, first.status]).toEqual([130, 'interrupted']);
        expect(await accountingFaults(project, first)).toEqual([]);
        const second = await project.run();
        expect(second.exitCode).toBe(0);
        const [row] = await project.target(
          'select count(*)::int n from a join b on b.id = a.ref and b.k = 31 - a.k join a c on c.id = b.ref and c.k = a.k',
        );
        expect(row).toEqual({ n: 30 });
        expect(await project.target('select from etl.second_pass')).toEqual([]);
      },
    ));
});
