import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stopwatch } from '../../engine/run/stopwatch.js';
import { NO_TIME, PLACES } from '../../engine/contract/spent.js';
import type { MappingResult, RunResult } from '../../engine/contract/result.js';
import { createProject, type TestProject } from '../support/project.js';

const MAPPINGS = {
  parent:
    'source: { table: parent, key: id }\ntarget: { table: parent_new, identity: id, key: old }\ncolumns: { old: id }',
  child: `source: { table: child, key: id, partition: { rows: 6000 } }
target: { table: child_new, key: old, constraints: rebuild }
columns:
  old: id
  parent_id: { from: parent_id, references: parent }
  slow: { sql: "(case when id % 6000 = 0 then pg_sleep(0.2) end)::text" }
`,
};

let project: TestProject;
let result: RunResult;
beforeAll(async () => {
  project = await createProject({
    source: `create table parent (id int primary key); insert into parent select generate_series(1, 100);
      create table child (id int primary key, parent_id int);
      insert into child select n, n % 100 + 1 from generate_series(1, 18000) n; analyze`,
    target: `create table parent_new (id int generated always as identity primary key, old int unique);
      create table child_new (old int primary key, parent_id int references parent_new, slow text);
      create index child_parent on child_new (parent_id)`,
    mappings: MAPPINGS,
    settings: 'defaults: { batch_rows: 1000 }',
  });
  result = await project.run();
});
afterAll(() => project.drop());

const of = (name: string): MappingResult => {
  const found = result.mappings.find(({ mapping }) => mapping === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe('a stopwatch', () => {
  it('has each moment in one place, and pauses of a wait by themselves', async () => {
    let [now, paused] = [0, 0];
    const watch = new Stopwatch(
      () => paused,
      () => now,
    );
    const pass = (ms: number): void => void (now += ms);
    pass(1000);
    watch.enter('source');
    pass(2000);
    watch.enter('program');
    pass(500);
    await watch.during('target', () => {
      pass(4000);
      paused += 1000;
      return Promise.resolve();
    });
    pass(250);
    expect(watch.read()).toEqual({ ...NO_TIME, source: 2, program: 0.75, target: 3, other: 1 });
    // Other streams of the mapping go on, one of them half as long waiting for the source as the other for the target.
    const others = [1, 2].map(
      () =>
        new Stopwatch(
          () => 0,
          () => now,
        ),
    );
    await watch.beside(others, () => {
      others[0]?.enter('source');
      others[1]?.enter('target');
      pass(1000);
      others[0]?.enter(null);
      pass(1000);
      return Promise.resolve();
    });
    watch.enter(null);
    pass(9000);
    const spent = watch.read();
    expect([spent.source, spent.target]).toEqual([2.6667, 4.3333]);
    expect(spent).toMatchObject({ program: 0.75, other: 1 });
  });
});

describe('what is measured of a run', () => {
  it('is the time of each mapping, place by place', async () => {
    expect(result.exitCode).toBe(0);
    const { spent } = of('child');
    // Nothing has failed: only connecting is not told apart.
    for (const place of PLACES) expect(spent?.[place], place).toBeGreaterThan(0);
    const rows = await project.target(
      "select partition, spent, settings, retries, memory, bytes, bytes_read from etl.steps where mapping = 'child' order by 1",
    );
    expect(rows.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    expect(rows[0]).toMatchObject({
      settings: {
        batch_rows: 1000,
        ranges: { count: 3 },
        keys: [{ column: 'parent_id', mapping: 'parent', kind: 'integer' }],
        constraints: {
          mode: 'rebuild',
          asked: 'rebuild',
          kept: ['child_new_pkey'],
          dropped: ['child_parent', 'child_new_parent_id_fkey'],
        },
      },
    });
    // Whatever comes after the rows, the last thing written down is the whole.
    expect(rows[0]?.['spent']).toEqual(spent);
    for (const row of rows) expect(Number(row['memory'])).toBeGreaterThan(1e6);
  });

  it('is kept as samples of each range, the last with all that was committed', async () => {
    const rows = await project.target(
      `select s.partition, array_agg(s.read::int order by s.at) "read", max(t.read)::int total, max(s.written)::int written,
         max(s.bytes) = max(t.bytes) bytes from etl.samples s join etl.steps t using (run, mapping, partition)
       where s.mapping = 'child' group by 1 order by 1`,
    );
    expect(rows).toHaveLength(3);
    for (const { read, total, ...row } of rows as { read: number[]; total: number }[]) {
      expect(row).toMatchObject({ written: total, bytes: true });
      expect([...read].sort((a, b) => a - b)).toEqual(read);
      expect([read[0], read.at(-1)]).toEqual([1000, total]);
      expect(read.length).toBeLessThan(8);
    }
  });

  it('gives way: every other sample goes when there are too many', async () => {
    const of = "run = (select max(run) from etl.steps) and mapping = 'parent'";
    await project.target(
      `insert into etl.samples select run, mapping, partition, now() - n * interval '1 s', 600 - n, 0, 0, 0, 0
       from etl.steps, generate_series(1, 600) n where ${of}`,
    );
    const count = (): ReturnType<typeof project.target> =>
      project.target(`select count(*)::int n from etl.samples where ${of}`);
    const [before] = await count();
    await project.target(
      `select etl.measure(run, mapping, 0, '{"sample": true, "thin": true}') from etl.steps where ${of}`,
    );
    expect(await count()).toEqual([{ n: Math.ceil(Number(before?.['n']) / 2) + 1 }]);
  });

  it('comes with the result of a dry run, and leaves nothing of it in the state', async () => {
    const count = async (): Promise<unknown> =>
      project.target(
        'select (select count(*)::int from etl.samples) samples, (select count(*)::int from etl.steps) steps',
      );
    const before = await count();
    const rehearsed = await project.run({ dryRun: true });
    expect(rehearsed.mappings.map(({ spent }) => spent?.program)).toEqual([
      expect.any(Number),
      expect.any(Number),
    ]);
    expect(await count()).toEqual(before);
  });
});
