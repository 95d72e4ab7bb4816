import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PgSession } from '../../engine/postgres/connect.js';
import { Closure } from '../../engine/run/closure/closure.js';
import type { Edge } from '../../engine/run/closure/edge.js';
import { createDatabases, type Databases } from '../support/database.js';
import { accountingFaults, countsOf, withProject } from '../support/project.js';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const options = (runs: number): fc.Parameters<unknown> => ({
  seed: SEED,
  numRuns: Number(process.env['RUNS'] ?? runs),
  endOnFailure: process.env['SHRINK'] === undefined,
});

/** Three tables of rows `(x, y)`, and ways by which rows of one refer to rows of another; a way is of pairs of numbers. */
interface Graph {
  readonly rows: number;
  readonly ways: readonly {
    readonly from: number;
    readonly to: number;
    /** Nobody knows the pairs before they are asked for. */
    readonly asked: boolean;
    /** What refers to the rows that come by it stays. */
    readonly ends: boolean;
    /** Of each row the one that it refers to; beyond the rows it is none. */
    readonly parents: readonly (number | null)[];
  }[];
  readonly start: readonly { readonly table: number; readonly row: number; readonly onwards: boolean }[];
  readonly bounds: { readonly steps: number; readonly entries: number };
}

const TABLES = 3;
const ROWS = 12;
const table = fc.nat({ max: TABLES - 1 });
const GRAPHS: fc.Arbitrary<Graph> = fc.record({
  rows: fc.integer({ min: 1, max: ROWS }),
  ways: fc.array(
    fc.record({
      from: table,
      to: table,
      asked: fc.boolean(),
      ends: fc.boolean(),
      parents: fc.oneof(
        fc.array(fc.option(fc.nat({ max: ROWS }), { freq: 3 }), { minLength: ROWS, maxLength: ROWS }),
        // Chains as long as their tables.
        fc.constant(Array.from({ length: ROWS }, (_, row) => row + 1)),
        fc.constant(Array.from({ length: ROWS }, (_, row) => (row > 0 ? row - 1 : null))),
      ),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  start: fc.array(fc.record({ table, row: fc.nat({ max: ROWS - 1 }), onwards: fc.boolean() }), {
    maxLength: 5,
  }),
  bounds: fc.record({ steps: fc.nat({ max: 2 }), entries: fc.integer({ min: 1, max: 6 }) }),
});

const id = (kind: number | string, row: number | string): string => `${String(kind)}:${String(row)}`;

/** Each pair of a graph: who refers to whom, and by which way. */
const pairs = ({
  rows,
  ways,
}: Graph): readonly { child: string; parent: string; way: number; ends: boolean }[] =>
  ways.flatMap(({ from, to, parents, ends }, way) =>
    parents.flatMap((parent, child) =>
      parent === null || parent >= rows || child >= rows
        ? []
        : [{ child: id(from, child), parent: id(to, parent), way, ends }],
    ),
  );

const SQL = `create table r0 (x int, y int, up0 int, up1 int, up2 int, up3 int, up4 int, primary key (x, y));
  create table r1 (like r0 including all); create table r2 (like r0 including all);`;

describe('the closure', () => {
  let databases: Databases;
  let session: PgSession;

  beforeAll(async () => {
    databases = await createDatabases({ target: SQL });
    const at = { file: 'test', line: 1, column: 1, length: 1 };
    const connection = {
      name: 'target',
      url: databases.targetAdmin,
      ssl: null,
      ca: null,
      searchPath: [],
      origin: '',
      at,
    };
    session = await PgSession.open(connection, 'test');
    await session.query('create temp table known (way int, child tid, parent tid)');
  });

  afterAll(async () => {
    await session.close();
    await databases.drop();
  });

  async function fill({ rows, ways }: Graph): Promise<void> {
    const values = Array.from({ length: rows }, (_, row) =>
      Array.from({ length: TABLES }, (__, kind) => {
        const ups = Array.from({ length: 5 }, (___, n) =>
          ways[n]?.from === kind ? (ways[n].parents[row] ?? null) : null,
        );
        return `insert into r${String(kind)} values (${[row >> 2, row & 3, ...ups].map((one) => one ?? 'null').join(', ')})`;
      }).join(';'),
    );
    await session.query(`truncate r0, r1, r2, known; ${values.join(';')}`);
  }

  /** A reference is one number in the child and two columns in the parent. */
  function edgeOf({ ways }: Graph, n: number): Edge {
    const { from = 0, to = 0, asked = false, ends = false } = ways[n] ?? {};
    const way = `up${String(n)}`;
    const on = `t.${way} / 4 = m.x and t.${way} % 4 = m.y`;
    const both = `r${String(from)} t join r${String(to)} m on ${on}`;
    if (!asked) return { from, to, pairs: both, where: 'true', onwards: String(!ends), ask: null };
    const known = `join pg_temp.known d on d.way = ${String(n)} and d.child = t.ctid and d.parent = m.ctid`;
    const ask = async (): Promise<void> => {
      await session.query(
        `insert into known select ${String(n)}, t.ctid, m.ctid from ${both} join pg_temp.etl_closure c
           on c.kind = ${String(to)} and c.at = m.ctid where c.onwards`,
      );
    };
    return { from, to, pairs: `${both} ${known}`, where: 'true', onwards: String(!ends), ask };
  }

  const place = (kind: number, row: number): string =>
    `select tableoid, ctid from r${String(kind)} where x = ${String(row >> 2)} and y = ${String(row & 3)}`;

  /** The members: each with the way it came by and the row it came from. */
  async function members(): Promise<
    ReadonlyMap<string, { way: number | null; parent: string; onwards: boolean }>
  > {
    const all = Array.from(
      { length: TABLES },
      (_, n) => `select ${String(n)} k, tableoid tab, ctid at, x * 4 + y r from r${String(n)}`,
    );
    const { rows } = await session.query(
      `with r as (${all.join(' union all ')}) select c.kind, r.r, c.edge, c.p_kind, p.r, c.onwards from pg_temp.etl_closure c
       join r on (r.tab, r.at, r.k) = (c.tab, c.at, c.kind) left join r p on (p.tab, p.at, p.k) = (c.p_tab, c.p_at, c.p_kind)`,
    );
    return new Map(
      rows.map(([kind, row, way, pKind, pRow, onwards]) => [
        id(kind ?? '', row ?? ''),
        {
          way: way == null ? null : Number(way),
          parent: id(pKind ?? '', pRow ?? ''),
          onwards: onwards === 't',
        },
      ]),
    );
  }

  it(
    'holds who refers to a member, whatever the ways; each way back ends at a first one',
    { timeout: 300_000 },
    () =>
      fc.assert(
        fc.asyncProperty(GRAPHS, async (graph) => {
          await fill(graph);
          // Whether a row takes others along depends on which of two ways it came by: of one that ends, all do.
          const same = {
            ...graph,
            ways: graph.ways.map((way) => ({
              ...way,
              ends: graph.ways.some(({ ends, from }) => ends && from === way.from),
            })),
          };
          const closure = new Closure(
            session,
            same.ways.map((_, n) => edgeOf(same, n)),
            graph.bounds,
          );
          await session.query('begin');
          await closure.open();
          const wanted = new Map<string, boolean>();
          for (const { table: kind, row, onwards } of graph.start) {
            if (row >= graph.rows || wanted.has(id(kind, row))) continue;
            wanted.set(id(kind, row), onwards);
            await closure.add(kind, `select x.*, ${String(onwards)} from (${place(kind, row)}) x`);
          }
          const first = wanted.size;
          for (let added = true; added;) {
            added = false;
            for (const { child, parent, ends } of pairs(same)) {
              if (wanted.get(parent) !== true || wanted.has(child)) continue;
              wanted.set(child, !ends);
              added = true;
            }
          }
          expect(await closure.spread()).toBe(wanted.size - first);
          const found = await members();
          await session.query('rollback');
          expect([...found].map(([row, { onwards }]) => [row, onwards]).sort()).toEqual([...wanted].sort());
          for (const [row] of found) {
            let at = row;
            for (let steps = 0; ; steps++) {
              const { way = null, parent = '' } = found.get(at) ?? {};
              if (way === null) break;
              expect(pairs(same)).toContainEqual(expect.objectContaining({ child: at, parent, way }));
              expect(found.get(parent)?.onwards).toBe(true);
              expect(steps).toBeLessThan(found.size);
              at = parent;
            }
          }
        }),
        options(60),
      ),
  );

  it('holds what rows that stay refer to, and what that refers to', { timeout: 300_000 }, () =>
    fc.assert(
      fc.asyncProperty(GRAPHS, async (graph) => {
        await fill(graph);
        const straight = { ...graph, ways: graph.ways.map((way) => ({ ...way, asked: false })) };
        const closure = new Closure(
          session,
          straight.ways.map((_, n) => edgeOf(straight, n)),
          graph.bounds,
        );
        await session.query('begin');
        await closure.open();
        const going = new Set<string>();
        // All rows of the first table, and those of the start.
        for (let row = 0; row < graph.rows; row++) going.add(id(0, row));
        await closure.propose(0, 'select tableoid, ctid from r0');
        for (const { table: kind, row } of graph.start) {
          if (row >= graph.rows) continue;
          going.add(id(kind, row));
          await closure.propose(kind, place(kind, row));
        }
        const held = new Set<string>();
        for (let before = -1; before < held.size;) {
          before = held.size;
          for (const { child, parent } of pairs(straight)) {
            if (going.has(parent) && (!going.has(child) || held.has(child))) held.add(parent);
          }
        }
        expect(await closure.hold()).toBe(held.size);
        const found = await members();
        await session.query('rollback');
        expect([...found.keys()].sort()).toEqual([...held].sort());
      }),
      options(60),
    ),
  );
});

/** Rows of `a` (a tree, perhaps with a room), of `b` (a room of an `a`, by two columns), of `c` (in a room, perhaps of an `a`). */
interface Case {
  readonly a: readonly { readonly up: number | null; readonly room: readonly [number, number] | null }[];
  readonly b: readonly { readonly owner: number }[];
  readonly c: readonly { readonly room: readonly [number, number]; readonly host: number | null }[];
  readonly notNull: boolean;
  readonly pairs: boolean;
  readonly rebuild: boolean;
  readonly batch: number;
}

const MANY = 9;
/** The room of a number: of some there is none. */
const room = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 2 }));
const CASES: fc.Arbitrary<Case> = fc.record({
  a: fc.array(fc.record({ up: fc.option(fc.nat({ max: MANY }), { freq: 4 }), room: fc.option(room) }), {
    minLength: 2,
    maxLength: MANY,
  }),
  b: fc.array(fc.record({ owner: fc.nat({ max: MANY }) }), { minLength: 2, maxLength: MANY }),
  c: fc.array(fc.record({ room, host: fc.option(fc.nat({ max: MANY })) }), { minLength: 2, maxLength: MANY }),
  notNull: fc.boolean(),
  pairs: fc.boolean(),
  rebuild: fc.boolean(),
  batch: fc.integer({ min: 1, max: 6 }),
});

const sql = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'null' : String(value);
const list = (rows: readonly (readonly (number | null | undefined)[])[]): string =>
  rows.map((row) => `(${row.map(sql).join(', ')})`).join(', ');

/** What becomes of a case's rows: the greatest set in which every reference that must hold does. */
function wantedOf({ a, b, c, notNull }: Case): { a: Set<number>; b: Set<number>; c: Set<number> } {
  const left = { a: new Set(a.keys()), b: new Set(b.keys()), c: new Set(c.keys()) };
  const hasRoom = ([x, y]: readonly [number, number]): boolean => left.b.has(x * 3 + y);
  for (let before = -1; before !== left.a.size + left.b.size + left.c.size;) {
    before = left.a.size + left.b.size + left.c.size;
    for (const [n, { up, room: at }] of a.entries()) {
      if ((up === null ? notNull : !left.a.has(up)) || (at !== null && !hasRoom(at))) left.a.delete(n);
    }
    for (const [n, { owner }] of b.entries()) if (!left.a.has(owner)) left.b.delete(n);
    for (const [n, { room: at }] of c.entries()) if (!hasRoom(at)) left.c.delete(n);
  }
  return left;
}

it(
  'late rejects are the rows whose references lead to none, through all mappings',
  { timeout: 600_000 },
  () =>
    fc.assert(
      fc.asyncProperty(CASES, async (one) => {
        const wanted = wantedOf(one);
        const { a, b, c } = one;
        const rooms = one.pairs ? 'identity: id' : 'key: [x, y], identity: id';
        const mode = `constraints: ${one.rebuild ? 'rebuild' : 'keep'}`;
        await withProject(
          {
            source: `create table a (id int primary key, up int, x int, y int); insert into a values ${list(a.map((row, n) => [n, row.up, row.room?.[0], row.room?.[1]]))};
            create table b (x int, y int, owner int, primary key (x, y)); insert into b values ${list(b.map(({ owner }, n) => [Math.floor(n / 3), n % 3, owner]))};
            create table c (id int primary key, x int, y int, host int); insert into c values ${list(c.map((row, n) => [n, ...row.room, row.host]))}`,
            target: `create table a (id int generated always as identity (start 100) primary key, k int unique, up int ${one.notNull ? 'not null' : ''} references a, room int);
            create table b (id int generated always as identity (start 200) primary key, x int, y int, owner int not null references a, unique (x, y));
            create table c (id int generated always as identity primary key, k int unique, room int not null references b, host int references a);
            alter table a add foreign key (room) references b`,
            mappings: {
              a: `source: { table: a, key: id }\ntarget: { table: a, key: k, identity: id, ${mode} }
columns: { k: id, up: { from: up, references: a }, room: { from: [x, y], references: b } }`,
              b: `source: { table: b, key: [x, y] }\ntarget: { table: b, ${rooms}, ${mode} }
columns: { x: x, y: y, owner: { from: owner, references: a } }`,
              c: `source: { table: c, key: id }\ntarget: { table: c, key: k, identity: id, ${mode} }
columns: { k: id, room: { from: [x, y], references: b }, host: { from: host, references: a, missing: null } }`,
            },
            settings: `defaults: { batch_rows: ${String(one.batch)}, max_rejects: 100%, stop_at: 100% }`,
          },
          async (project) => {
            const result = await project.run({ jobs: 2 });
            expect(await accountingFaults(project, result)).toEqual([]);
            const keys = await project.target(
              `select 'a' t, k from a union all select 'b', x * 3 + y from b union all select 'c', k from c order by 1, 2`,
            );
            const all = Object.entries(wanted).flatMap(([t, rows]) =>
              [...rows].sort((n, m) => n - m).map((k) => ({ t, k })),
            );
            expect(keys).toEqual(all);
            for (const [name, rows] of Object.entries({ a, b, c })) {
              const [inserted, rejected] = [wanted[name as 'a'].size, rows.length - wanted[name as 'a'].size];
              const parts = [
                inserted > 0 ? `, inserted ${String(inserted)}` : '',
                rejected > 0 ? `, rejected ${String(rejected)}` : '',
              ];
              expect(countsOf(result, name)).toBe(`read ${String(rows.length)}${parts.join('')}`);
            }
            // What a reject names is a reference to a row that is not there, or a null.
            const rejects = await project.target(
              `select mapping m, source_key k, column_name c, rule from etl.rejects where rule <> 'not_null'`,
            );
            for (const { m, k, c: column } of rejects) {
              const named = `${String(m)}.${String(column)}`;
              const row = m === 'b' ? (JSON.parse(String(k)) as [number, number]) : [Number(k)];
              const at = (pair: readonly [number, number] | null | undefined): boolean =>
                pair != null && wanted.b.has(pair[0] * 3 + pair[1]);
              const [first = 0, second = 0] = row.map(Number);
              const there: Readonly<Record<string, boolean>> = {
                'a.up': wanted.a.has(a[first]?.up ?? -1),
                'a.room': at(a[first]?.room),
                'b.owner': wanted.a.has(b[first * 3 + second]?.owner ?? -1),
                'c.room': at(c[first]?.room),
              };
              expect([named, there[named]]).toEqual([named, false]);
            }
            expect(await project.target('select from etl.second_pass')).toEqual([]);
          },
        );
      }),
      options(5),
    ),
);
