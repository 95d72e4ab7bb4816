import { expect, test } from 'vitest';
import {
  accountingFaults,
  countsOf,
  withProject,
  type ProjectFiles,
  type TestProject,
} from '../support/project.js';

/** Key, when it was changed, and a text; `gone` rows are skipped. */
const SOURCE = `
create table item (id numeric, part text, changed int, t text, gone boolean not null default false,
  at timestamptz not null default '2020-01-01');
insert into item (id, part, changed, t) values
  (1, 'a', 1, 'only'),
  (2, 'a', 1, 'first'), (2.0, 'a', 2, 'last'),
  (2, 'b', 9, 'another part'),
  (3, 'a', null, 'null'), (3, 'a', 1, 'not null'),
  (4, 'a', 1, 'first'), (4, 'a', 2, 'tied'), (4, 'a', 2, 'tied too'), (4, 'a', 3, 'last'), (4, 'a', 3, 'last too'),
  (5, 'a', null, 'null'), (5, 'a', null, 'null too'),
  (null, 'a', 1, 'no key'), (null, 'a', 2, 'no key');
insert into item (id, part, changed, t, gone) values (6, 'a', 9, 'gone', true), (6, 'a', 1, 'first', false), (6, 'a', 2, 'last', false),
  (6, 'a', 0, 'gone', true)`;

const TARGET = `create table item (id numeric, part text, t text, primary key (id, part));
create table child (id int primary key, item text);`;

const mapping = (duplicates: string): string => `
source:
  query: select * from item
  key: [id, part]
  duplicates: ${duplicates}
  changed_at: at
  skip_when: { gone: gone }
target: { table: item, key: [id, part] }
max_rejects: 100%
checks: [{ sum: id }, content]
columns: { id: id, part: part, t: t }`;

const project = (duplicates: string): ProjectFiles => ({
  source: SOURCE,
  target: TARGET,
  mappings: { item: mapping(duplicates) },
});

const loaded = async (project: TestProject): Promise<readonly unknown[]> =>
  (await project.target(`select id || part || ' ' || t as row from item order by 1`)).map(({ row }) => row);

const told = async (project: TestProject, table: string, run: string): Promise<readonly unknown[]> =>
  (
    await project.target(
      `select rule || ' ' || coalesce(source_key, '-') || ' ' || count(*) as row from etl.${table}
       where run = $1 group by rule, source_key order by 1`,
      [run],
    )
  ).map(({ row }) => row);

const CASES = [
  {
    duplicates: '{ keep: last, by: changed }',
    rows: ['1a only', '2.0a last', '2b another part', '3a not null', '6a last'],
    skipped: [
      'duplicate ["2","a"] 1',
      'duplicate ["3","a"] 1',
      'duplicate ["4","a"] 3',
      'duplicate ["6","a"] 1',
      'gone ["6","a"] 2',
    ],
    ties: ['["4","a"] 2', '["5","a"] 2'],
  },
  {
    duplicates: '{ keep: first, by: changed }',
    rows: ['1a only', '2a first', '2b another part', '3a null', '4a first', '6a first'],
    skipped: [
      'duplicate ["2.0","a"] 1',
      'duplicate ["3","a"] 1',
      'duplicate ["4","a"] 4',
      'duplicate ["6","a"] 1',
      'gone ["6","a"] 2',
    ],
    ties: ['["5","a"] 2'],
  },
  {
    duplicates: 'reject',
    rows: ['1a only', '2b another part'],
    skipped: ['gone ["6","a"] 2'],
    ties: ['["2","a"] 1', '["2.0","a"] 1', '["3","a"] 2', '["4","a"] 5', '["5","a"] 2', '["6","a"] 2'],
  },
] as const;

test.each(CASES)('duplicates: $duplicates', async ({ duplicates, rows, skipped, ties }) => {
  await withProject(project(duplicates), async (one) => {
    const first = await one.run();
    expect(await loaded(one)).toEqual(rows);
    expect(first.mappings[0]?.checks.map(({ check, status }) => `${check} ${status}`)).toEqual([
      'row_count passed',
      'sum id passed',
      'content passed',
    ]);
    expect(await told(one, 'skipped', first.run)).toEqual(skipped);
    expect(
      (await told(one, 'rejects', first.run)).filter((row) => String(row).startsWith('duplicates')),
    ).toEqual(ties.map((tie) => `duplicates ${tie}`));
    expect(await accountingFaults(one, first)).toEqual([]);
    const again = await one.run({ fresh: true });
    expect(countsOf(again, 'item')).toContain(`unchanged ${String(rows.length)}`);
    expect(await accountingFaults(one, again)).toEqual([]);
    // A new version of a key is read with all others of it, and no other key.
    await one.source(`insert into item (id, part, changed, t, at) values (1, 'a', 5, 'newer', now())`);
    const delta = await one.run();
    const kept = { '{ keep: last, by: changed }': '1a newer', '{ keep: first, by: changed }': '1a only' };
    expect((await loaded(one))[0]).toBe(duplicates === 'reject' ? '1a only' : kept[duplicates]);
    expect(await accountingFaults(one, delta)).toEqual([]);
    const sample = await one.run({ limit: 3, dryRun: true });
    expect(countsOf(sample, 'item')).toContain('read 4');
  });
});

test('duplicates: fail stops the run, and only where there are some', async () => {
  await withProject(project('fail'), async (one) => {
    const failed = await one.run();
    expect([failed.exitCode, failed.mappings[0]?.reason]).toEqual([
      5,
      expect.stringContaining('several source rows have the key ["2'),
    ]);
    await one.source(`delete from item where ctid not in (select min(ctid) from item group by id, part)`);
    const done = await one.run();
    expect(done.mappings[0]?.status).toBe('succeeded');
  });
});

test('a reference by another column finds the row that is kept alone', async () => {
  const user = `
source: { query: select * from person, key: id, duplicates: { keep: last, by: v } }
target: { table: person, key: id }
columns: { id: id }`;
  const post = `
source: { table: post, key: id }
target: { table: post, key: id }
max_rejects: 100%
columns: { id: id, by_name: { from: author, references: { mapping: person, by: name } } }`;
  const files = {
    source: `create table person (id int, v int, name text); create table post (id int primary key, author text);
      insert into person values (1, 1, 'old'), (1, 2, 'same'), (1, 3, 'same'), (2, 1, 'was'), (2, 2, null);
      insert into post values (1, 'same'), (2, 'old'), (3, 'was')`,
    target: `create table person (id int primary key); create table post (id int primary key, by_name int)`,
    mappings: { person: user, post },
  };
  await withProject(files, async (one) => {
    const result = await one.run();
    expect(countsOf(result, 'post')).toBe('read 3, inserted 1, rejected 2');
    expect(await one.target('select * from post')).toEqual([{ id: 1, by_name: 1 }]);
  });
});
