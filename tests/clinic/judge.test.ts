import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { withClient } from '../../engine/embedded/roles.js';
import { CHECKOUT } from '../cli/etl.js';
import { createDatabases, query } from '../support/database.js';

type Rows = readonly Record<string, unknown>[];
type Query = (sql: string) => Promise<Rows>;
interface Judge {
  readonly judgeRun: (summary: unknown, expected: unknown, about: unknown) => readonly string[];
  readonly judgeRejects: (rows: unknown, expected: unknown) => readonly string[];
  readonly judgeMoney: (found: unknown, expected: unknown) => readonly string[];
}
interface Target {
  tablesOfProject(query: Query, project: unknown): Promise<ReadonlyMap<string, unknown>>;
  snapshot(query: Query, tables: unknown, schema: string): Promise<unknown>;
  differencesTo(query: Query, tables: unknown, schema: string, gone?: unknown): Promise<readonly string[]>;
  moneyOf(query: Query, tables: unknown): Promise<unknown>;
}

/** The rehearsal's own modules are plain JavaScript. */
const script = async (name: string): Promise<unknown> =>
  import(pathToFileURL(path.join(CHECKOUT, 'tests/clinic/lib', name)).href);

const RUN = {
  status: 'succeeded',
  exit_code: 0,
  mappings: [
    {
      ...{
        mapping: 'tasks',
        read: 6,
        inserted: 4,
        updated: 0,
        unchanged: 0,
        skipped: 1,
        rejected: 1,
        unexplained: 0,
      },
      ...{ read_from: null, skipped_by: { deleted: 1 }, warnings: {} },
      rejects: [{ column: 'due', rule: 'parse_date', count: 1 }],
      references: [{ column: 'a', mapping: 'b', resolved: 4, null: 0, defaulted: 0, missing: 0 }],
      checks: [{ check: 'row_count', status: 'passed' }],
    },
  ],
};
const EXPECTED = {
  mappings: {
    tasks: {
      ...{ read: 6, inserted: 4, skipped: { deleted: 1 }, warnings: {} },
      rejected: [{ column: 'due', rule: 'parse_date', count: 1 }],
      references: [{ column: 'a', mapping: 'b', resolved: 4, null: 0, defaulted: 0, missing: 0 }],
    },
  },
  rejects: [{ mapping: 'tasks', key: '5/2', column: 'due', rule: 'parse_date' }],
  money: [{ mapping: 'tasks', column: 'price', sum: '12.30' }],
};

describe('what the rehearsal compares', () => {
  test.each([
    ['as expected', {}, []],
    ['a row that nobody explains', { unexplained: 1 }, [/unexplained/]],
    ['one row less', { read: 5, inserted: 3 }, [/read/, /loaded/, /inserted/]],
    ['a row lost between the counts', { read: 7 }, [/what became of it/, /read/]],
    ['updated, not inserted', { inserted: 3, updated: 1 }, [/inserted/]],
    ['another rule', { rejects: [{ column: 'due', rule: 'map', count: 1 }] }, [/rejected/]],
    ['a warning', { warnings: { late: 1 } }, [/warnings/]],
    ['a reference', { references: [] }, [/references/]],
    ['a check', { checks: [{ check: 'content', status: 'failed' }] }, [/content/]],
    ['another mapping', { mapping: 'task' }, [/tasks is missing/, /task: expected.sql has no such/]],
  ])('accounting: %s', async (_, change, found) => {
    const { judgeRun } = (await script('judge.mjs')) as Judge;
    const summary = { ...RUN, mappings: RUN.mappings.map((one) => ({ ...one, ...change })) };
    const lines = judgeRun(summary, EXPECTED, { inserted: null, gone: {} });
    if (found.length === 0) {
      const updated = RUN.mappings.map((one) => ({ ...one, inserted: 3, updated: 1 }));
      const about = { inserted: { tasks: 3 }, gone: {}, settled: true };
      expect(judgeRun({ ...RUN, mappings: updated }, EXPECTED, about)).toHaveLength(1);
    }
    expect(lines).toEqual(found.map((line) => expect.stringMatching(line) as string));
  });

  test('rejects key by key, sums to the cent', async () => {
    const { judgeRejects, judgeMoney } = (await script('judge.mjs')) as Judge;
    const reject = { mapping: 'tasks', key: '["5", "2"]', column: 'due', rule: 'parse_date' };
    expect(judgeRejects([reject], EXPECTED)).toEqual([]);
    expect(judgeRejects([{ ...reject, key: '["5", "3"]' }], EXPECTED)).toHaveLength(2);
    expect(judgeRejects([], EXPECTED)).toHaveLength(1);
    expect(judgeMoney(EXPECTED.money, EXPECTED)).toEqual([]);
    expect(judgeMoney([{ mapping: 'tasks', column: 'price', sum: '12.31' }], EXPECTED)).toHaveLength(1);
    expect(judgeMoney([{ mapping: 'tasks', column: 'fee', sum: '0.00' }], EXPECTED)).toEqual([
      expect.stringContaining('has no sum of it'),
    ]);
  });
});

const located = (value: string): object => ({ value });
const column = (
  name: string,
  parents: readonly string[] = [],
  origin: object = { kind: 'source' },
): object => ({
  ...{ column: located(name), origin },
  resolver:
    parents.length === 0
      ? null
      : { kind: 'references', parents: parents.map((one) => ({ mapping: located(one), yields: null })) },
});
const mapping = (
  name: string,
  key: readonly string[],
  id: string | null,
  columns: readonly object[],
): object => ({
  ...{ name, phase: null, source: { key: [located('id')] }, columns },
  target: {
    ...{ table: located(name), key: key.map(located) },
    identity: id === null ? null : { column: located(id), strategy: null },
  },
});

const PROJECT = {
  mappings: [
    mapping('owner', ['legacy'], 'id', [column('name')]),
    mapping('pet', ['legacy'], 'id', [
      column('owner', ['owner']),
      column('about', ['owner', 'pet']),
      column('meta'),
    ]),
    mapping('pair', ['owner', 'pet'], null, [column('owner', ['owner']), column('pet', ['pet'])]),
  ],
};
const TABLES = `
  create table owner (id bigint primary key, legacy int unique, name text);
  create table pet (id bigint primary key, legacy int unique, owner bigint, about bigint, price numeric(10, 2), meta jsonb);
  create table pair (owner bigint, pet bigint, note text, primary key (owner, pet));
  insert into owner select i, i, 'o' || i from generate_series(1, 9) i;
  insert into pet select i, i, i % 9 + 1, case when i % 3 = 0 then i end, i / 10.0,
    '{"run": "2026-11-23T01-52-06-091Z"}' from generate_series(1, 9) i;
  insert into pair select i, i, 'n' from generate_series(1, 8) i;`;

/** Other ids for the same rows, as another load gives them, and another run's name. */
const RENUMBER = `update owner set id = id + 100; update pet set id = 200 - id, owner = owner + 100, about = 200 - about,
  meta = '{"run": "2026-12-24T01-52-06-091Z"}'; update pair set owner = owner + 100, pet = 200 - pet`;

test('tables are compared by the rows that their ids stand for', async () => {
  const target = (await script('target.mjs')) as Target;
  const databases = await createDatabases({ target: TABLES });
  const { targetAdmin } = databases;
  try {
    await withClient(targetAdmin, async (client) => {
      const ask: Query = async (sql) => {
        const results = [await client.query<Record<string, unknown>>(sql)].flat();
        return results.at(-1)?.rows ?? [];
      };
      const tables = await target.tablesOfProject(ask, PROJECT);
      await target.snapshot(ask, tables, 'before');
      await query(targetAdmin, RENUMBER);
      const spoils: readonly (readonly [string, number])[] = [
        ['select 1', 0],
        [`update pet set price = price + 0.01 where legacy = 7`, 1],
        [`update pet set owner = 101 where legacy = 7`, 1],
        [`update pet set about = (select id from pet where legacy = 5) where legacy = 6`, 1],
        [`update pet set about = null where legacy = 6`, 1],
        [`update pet set meta = meta || '{"x": 1}' where legacy = 2`, 1],
        [`delete from pair where note = 'n' and owner = 104`, 1],
        [`insert into pair values (101, 195, 'n')`, 1],
        [`update pair set pet = 195 where owner = 101`, 2],
      ];
      for (const [sql, count] of spoils) {
        await client.query('begin');
        await client.query(sql);
        expect(await target.differencesTo(ask, tables, 'before'), sql).toHaveLength(count);
        await client.query('rollback');
      }
      await client.query('delete from pet where legacy = 9');
      expect(await target.differencesTo(ask, tables, 'before', { pet: ['9'] })).toEqual([]);
      expect(await target.moneyOf(ask, tables)).toEqual([{ mapping: 'pet', column: 'price', sum: '3.60' }]);
    });
  } finally {
    await databases.drop();
  }
});
