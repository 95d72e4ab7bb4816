import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { schemaErrors } from '../reports/schema.js';
import { withProject, type TestProject } from '../support/project.js';
import { start, type Ended } from './etl.js';

const FILES = {
  source: `create table item (id int primary key, v int); insert into item select i, i - 3 from generate_series(1, 200) i;
    create table part (id int primary key, item int); insert into part select i, i from generate_series(1, 20) i`,
  target: `create table item (id int primary key, v int check (v >= 0));
    create table part (id int generated always as identity primary key, item int references item)`,
  mappings: {
    item: 'source: { table: item, key: id }\ntarget: { table: item, key: id }\ncolumns: { id: id, v: v }\nmax_rejects: 5',
    part: 'source: { table: part, key: id }\ntarget: { table: part, identity: id }\ncolumns: { item: { from: item, references: item } }\nmax_rejects: 5',
  },
  settings: 'defaults: { batch_rows: 20 }',
};

const EXCEPTIONS = (until: string): string => `- mapping: item
  rule: item_v_check
  up_to: 2
  who: A. Adams
  why: below zero in the old system
  until: ${until}
- { mapping: part, rule: references, column: item, who: A. Adams, why: they belong to these, until: 2099-01-01 }
`;

interface Document {
  readonly verdict: string;
  readonly run: string;
  readonly reasons: readonly string[];
  readonly gaps: readonly string[];
  readonly exceptions: readonly { readonly state: string }[];
  readonly difference: { readonly run: string; readonly causes: readonly unknown[] } | null;
  readonly mappings: readonly Record<string, unknown>[];
  readonly report?: string;
}

const report = (project: TestProject, ...args: string[]): Promise<Ended> =>
  start(['report', project.folder, ...args]).ended;

/** The JSON report, which keeps to the schema. */
async function document(project: TestProject, ...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await report(project, '--json', ...args);
  expect([code, stderr]).toEqual([0, '']);
  expect(schemaErrors(stdout)).toEqual([]);
  return JSON.parse(stdout) as Document;
}

const folder = (project: TestProject): string => path.join(project.folder, '.etl/reports');

describe('etl report', () => {
  it('weighs a run against what is accepted today, in every format, and compares it with the one before', () =>
    withProject(FILES, async (project) => {
      expect((await report(project)).code).toBe(2);
      const first = await project.run();
      expect((await document(project)).difference).toBeNull();
      await project.source('update item set v = 5 where id = 1');
      const ran = await start(['run', project.folder, '--json']).ended;
      expect(schemaErrors(ran.stdout)).toEqual([]);
      const second = JSON.parse(ran.stdout) as Document;
      expect(second.difference).toMatchObject({
        run: first.run,
        causes: [
          { before: 2, now: 1 },
          { before: 2, now: 1 },
        ],
      });
      expect(second.reasons).toEqual(['2 rows were rejected in 2 mappings']);

      await project.write('exceptions.yaml', EXCEPTIONS('2099-01-01'));
      const accepted = await document(project, first.run);
      expect([accepted.run, accepted.verdict, accepted.reasons]).toEqual([
        first.run,
        'GO WITH EXCEPTIONS',
        [],
      ]);
      await project.write('exceptions.yaml', EXCEPTIONS('2020-01-01'));
      const expired = await document(project);
      expect(expired.exceptions.map(({ state }) => state)).toEqual(['expired', 'accepted']);
      expect(expired.reasons).toHaveLength(2);

      const place = path.join(project.folder, 'out');
      const all = await report(project, '--format', 'html,json,markdown,junit', '--out', place);
      expect([all.code, all.stdout.split('\n').length]).toEqual([0, 6]);
      const files = ['html', 'json', 'junit.xml', 'md'].map((extension) => `${second.run}.${extension}`);
      expect((await readdir(place)).sort()).toEqual(files);
      const page = await readFile(path.join(place, files[0] ?? ''), 'utf8');
      expect(page).toContain('<h1>GO WITH EXCEPTIONS</h1>');
      expect((await report(project, '--format', 'markdown', '--out', '-')).stdout).toMatch(
        /^# GO WITH EXCEPTIONS\n/,
      );
    }));

  it.each([
    ['a format that there is not', ['--format', 'htm'], /did you mean "html"/],
    ['two documents on stdout', ['--format', 'html,json', '--out', '-'], /takes one document/],
    ['a run that there is not', ['2020-01-01'], /has no run "2020-01-01"/],
  ])('refuses %s', (_case, args, words) =>
    withProject(FILES, async (project) => {
      await project.run();
      const { code, stderr } = await report(project, ...args);
      expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
    }),
  );

  it('is no GO for a run that was taken back, in whole or in part', () =>
    withProject(FILES, async (project) => {
      const { run } = await project.run();
      const { code } = await project.spawn(['--select', 'part', '--yes'], 'rollback').ended;
      expect(code).toBe(0);
      const part = await document(project, run);
      expect([part.verdict, part.reasons[0]]).toEqual([
        'NO-GO',
        expect.stringMatching(/^part of the run were taken back/),
      ]);
      await project.spawn(['--yes'], 'rollback').ended;
      expect((await document(project, run)).reasons[0]).toMatch(/^the run was taken back/);
    }));

  it(
    'refuses a run under way; of one that was killed it says what its batches have left',
    () =>
      withProject(FILES, async (project) => {
        const held = project.target('begin; lock table part in share mode; select pg_sleep(120)');
        const ending = held.catch(() => undefined);
        const child = project.spawn();
        const begun = "select from etl.steps where mapping = 'part' and status = 'running'";
        const is = async (sql: string): Promise<boolean> =>
          (await project.target(sql).catch(() => [])).length > 0;
        for (let n = 0; !(await is(begun)) && n < 2000; n++) await wait(10);
        const early = await report(project);
        expect([early.code, early.stderr]).toEqual([3, expect.stringMatching(/still under way/)]);
        child.process.kill('SIGKILL');
        await child.ended;
        const isOver = "select where not exists (select from pg_locks where locktype = 'advisory')";
        for (let n = 0; !(await is(isOver)) && n < 2000; n++) await wait(10);
        const cut = await document(project);
        expect([cut.verdict, cut.gaps.length]).toEqual(['NO-GO', 2]);
        expect(cut.mappings).toMatchObject([
          {
            mapping: 'item',
            status: 'succeeded',
            read: 200,
            inserted: 198,
            rejected: 2,
            rejects: [{ count: 2 }],
          },
          { mapping: 'part', status: 'interrupted', read: 0 },
        ]);
        await project.target(
          "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and datname = current_database() and pid <> pg_backend_pid()",
        );
        await ending;
      }),
    60_000,
  );

  it('is written by a run that cannot even write down how it ended, from what was seen of it', () =>
    withProject(FILES, async (project) => {
      await project.run();
      await project.target(
        `create function no_end() returns trigger language plpgsql as $$ begin raise exception 'no end'; end $$;
         create trigger no_end before update on etl.runs for each row when (new.status = 'succeeded')
           execute function no_end()`,
      );
      const { code, output } = await project.spawn().ended;
      expect([code === 0, output]).toEqual([false, expect.stringMatching(/Report: .*\.html/)]);
      const [file = ''] = (await readdir(folder(project))).filter((name) => name.endsWith('.json'));
      const text = await readFile(path.join(folder(project), file), 'utf8');
      expect(schemaErrors(text)).toEqual([]);
      const written = JSON.parse(text) as Document;
      expect([written.verdict, written.gaps.length]).toEqual(['NO-GO', 1]);
      expect(written.reasons[0]).toMatch(/no end/);
      expect(written.mappings).toMatchObject([{ unchanged: 198 }, { unchanged: 18 }]);
    }));
});
