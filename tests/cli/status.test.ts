import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { query } from '../support/database.js';
import { withProject, type TestProject } from '../support/project.js';
import { start, type Ended } from './etl.js';

const ROWS = 4000;
const FILES = {
  source: `create table item (id int primary key, v int); insert into item select i, i - 3 from generate_series(1, ${String(ROWS)}) i;
    create table part (id int primary key, item int); insert into part select i, i from generate_series(1, 20) i`,
  target: `create table item (id int primary key, v int check (v >= 0));
    create table part (id int generated always as identity primary key, item int references item)`,
  mappings: {
    item: 'source: { table: item, key: id }\ntarget: { table: item, key: id }\ncolumns: { id: id, v: v }\nmax_rejects: 5',
    part: 'source: { table: part, key: id }\ntarget: { table: part, identity: id }\ncolumns: { item: { from: item, references: item } }\nmax_rejects: 5',
  },
  settings: 'defaults: { batch_rows: 20 }',
};

const status = (project: TestProject, ...args: string[]): Promise<Ended> =>
  start(['status', project.folder, ...args]).ended;

interface Document {
  readonly state: string;
  readonly runs: readonly { readonly run: string; readonly status: string }[];
  readonly run: {
    readonly alive: boolean;
    readonly seconds_left: number | null;
    readonly mappings: readonly Record<string, unknown>[];
  } | null;
  readonly unfinished: { readonly command: string } | null;
}

async function document(project: TestProject, ...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await status(project, '--json', ...args);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Document;
}

describe('etl status', () => {
  it('says where nothing was run, and leaves no schema', () =>
    withProject(FILES, async (project) => {
      const { code, stdout } = await status(project);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/nothing has been run yet/)]);
      expect((await document(project)).state).toBe('none');
      expect((await status(project, '--audit')).code).toBe(0);
      expect(await project.target("select from pg_namespace where nspname = 'etl'")).toEqual([]);
    }));

  it('lists runs and the mappings of one, to a role that may only select as well', () =>
    withProject(FILES, async (project) => {
      const first = await project.run();
      const second = await project.run();
      const { code, stdout } = await status(project);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`${first.run} +run +succeeded`));
      expect(stdout).toMatch(new RegExp(`Run ${second.run}: succeeded`));
      expect(stdout).toMatch(/item +succeeded +4,000 +0 +0 +3,998 +0 +2/);
      expect((await status(project, '--run', first.run)).stdout).toMatch(/item +succeeded +4,000 +3,998/);
      expect((await status(project, '--run', 'x')).code).toBe(2);
      const name = `looker_${String(process.pid)}`;
      await project.target(
        `create role ${name} login password 'x'; do $$ begin execute format('grant connect on database %I to ${name}', current_database()); end $$; grant usage on schema etl to ${name}; grant select on all tables in schema etl to ${name}`,
      );
      const url = new URL(project.databases.target);
      [url.username, url.password] = [name, 'x'];
      const looked = start(['status', project.folder], { env: { TRIAL_TARGET: url.href } });
      expect(await looked.ended).toMatchObject({ code: 0, stderr: '', stdout });
      await query(project.databases.targetAdmin, `drop owned by ${name}; drop role ${name}`);
    }));

  it(
    'sees a run under way and waits for nobody; a killed one is cut off, with the command that goes on',
    () =>
      withProject(FILES, async (project) => {
        await project.run();
        await project.target('truncate item, part');
        // The run comes as far as this lock, whatever the machine's speed.
        const held = project.target('begin; lock table part in share mode; select pg_sleep(120)');
        const ending = held.catch(() => undefined);
        const child = project.spawn();
        const begun = "select from etl.steps where mapping = 'part' and status = 'running'";
        for (let n = 0; (await project.target(begun)).length === 0 && n < 2000; n++) await wait(10);
        const seen = await document(project);
        expect(seen.run?.alive).toBe(true);
        expect(seen.run?.mappings.map(({ mapping, status: is }) => [mapping, is])).toEqual([
          ['item', 'succeeded'],
          ['part', 'running'],
        ]);
        expect(seen.run?.mappings[0]).toMatchObject({
          spent: { target: expect.any(Number) as number },
          retries: 0,
          batches: expect.any(Number) as number,
        });
        expect(seen.run?.mappings[1]).toMatchObject({ expected_rows: 20, expected_from: 'earlier run' });
        expect(seen.run?.mappings[1]).toMatchObject({ phase: null, waits_for: [] });
        expect(seen.run).toMatchObject({ critical_path: ['part'] });
        expect(seen.unfinished).toBeNull();
        expect((await status(project)).stdout).toMatch(/under way since.*Its end hangs on: part/s);
        const watched = start(['status', project.folder, '--watch']);
        let said = '';
        watched.process.stdout?.on('data', (text: string) => (said += text));
        for (let n = 0; said === '' && n < 2000; n++) await wait(10);
        expect(said).toMatch(/1 of 2 mappings, 4,0\d\d rows/);
        child.process.kill('SIGKILL');
        await child.ended;
        expect(await watched.ended).toMatchObject({ code: 0, stderr: '' });
        const cut = await document(project);
        expect(cut.runs[0]?.status).toBe('running');
        expect(cut.run?.alive).toBe(false);
        expect(cut.unfinished?.command).toBe(`etl resume ${project.folder}`);
        expect((await status(project)).stdout).toMatch(/cut off.*To go on with run .*etl resume/s);
        await project.target(
          "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and datname = current_database() and pid <> pg_backend_pid()",
        );
        await ending;
      }),
    60_000,
  );

  it('tells of what is dropped and of second passes that wait', () =>
    withProject(FILES, async (project) => {
      const { run } = await project.run();
      await project.target(`
        insert into etl.second_pass values ('${run}', 'part', 'item', '1', '1', '1', false);
        insert into etl.deferred (project, run, mapping, table_name, object, kind, ordinal, drop_sql, create_sql, own_rows)
          values ('trial', '${run}', 'part', '"public"."part"', 'part_item_fkey', 'foreign_key', 0, '', '{}', '{"table":"\\"public\\".\\"part\\""}')`);
      const { stdout } = await status(project);
      expect(stdout).toMatch(/not back yet: part_item_fkey of "public"."part"/);
      expect(stdout).toMatch(/second pass: 1 row of part, column item/);
    }));

  it('shows the audit, and a chain that is broken with exit 5', () =>
    withProject(FILES, async (project) => {
      await project.run();
      const sound = await status(project, '--audit');
      expect([sound.code, sound.stdout]).toEqual([0, expect.stringMatching(/run started.*The chain holds/s)]);
      await project.target(
        "alter table etl.audit disable trigger user; update etl.audit set operator = 'nobody' where id = 2",
      );
      const broken = await status(project, '--audit');
      expect([broken.code, broken.stdout]).toEqual([
        5,
        expect.stringMatching(/broken at entry 2: .*changed/),
      ]);
      expect((await status(project, '--audit', '--watch')).code).toBe(2);
    }));
});
