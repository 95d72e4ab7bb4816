import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { DashboardMapping, DashboardRun } from '../../engine/contract/dashboard.js';
import { withProject } from '../support/project.js';
import { Dashboard } from './dashboard.js';

const ROWS = 4000;
const FILES = {
  source: `create table item (id int primary key, v int); insert into item select i, i from generate_series(1, ${String(ROWS)}) i;
    create table part (id int primary key, item int); insert into part select i, i from generate_series(1, 20) i;
    create table tail (id int primary key); insert into tail select generate_series(1, 20)`,
  target: `create table item (id int primary key, v int); create table part (id int primary key, item int references item);
    create table tail (id int primary key)`,
  mappings: {
    item: 'phase: one\nsource: { table: item, key: id }\ntarget: { table: item, key: id }\ncolumns: { id: id, v: v }',
    part: 'phase: one\nsource: { table: part, key: id }\ntarget: { table: part, key: id }\ncolumns: { id: id, item: { from: item, references: item } }',
    tail: 'phase: two\nsource: { table: tail, key: id }\ntarget: { table: tail, key: id }\ncolumns: { id: id }',
  },
  settings: 'phases: [one, two]\ndefaults: { batch_rows: 20 }',
};

interface Heard {
  readonly event: string;
  readonly data: DashboardRun & { readonly reason?: string };
}

/** What a page hears, from now on. */
async function listen(page: Dashboard): Promise<{ readonly heard: Heard[]; readonly end: () => void }> {
  const response = await page.open('/api/events?run=last');
  expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  const heard: Heard[] = [];
  let text = '';
  response.on('data', (chunk: string) => {
    const parts = (text + chunk).split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/s.exec(part) ?? [];
      if (event !== '') heard.push({ event, data: JSON.parse(data) as Heard['data'] });
    }
  });
  response.on('error', () => undefined);
  return { heard, end: () => response.destroy() };
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let n = 0; n < 3000; n++) {
    if (await holds()) return;
    await wait(20);
  }
  throw new Error(`it did not come to this: ${what}`);
}

it(
  'a page that looks on sees a run begin, its process killed, and gone on with to its end',
  () =>
    withProject(FILES, async (project) => {
      const page = await Dashboard.start(project);
      const { heard, end } = await listen(page);
      const runs = (): readonly DashboardRun[] =>
        heard.flatMap(({ event, data }) => (event === 'run' ? [data] : []));
      const last = (): DashboardRun | undefined => runs().at(-1);
      await until(() => heard.some(({ event }) => event === 'lost'), 'nothing was run yet');
      expect(heard[0]).toEqual({ event: 'lost', data: { reason: 'nothing has been run yet' } });

      // Rows are gone, their history stays: the second run is one that an earlier run tells of.
      await project.run();
      await project.target('truncate item, part, tail');
      await until(() => last()?.run.status === 'succeeded', 'the first run');
      // The run comes as far as this lock, whatever the machine's speed.
      const held = project.target('begin; lock table part in share mode; select pg_sleep(120)');
      const ending = held.catch(() => undefined);
      const child = project.spawn();
      const step = (name: string) => last()?.mappings.find(({ mapping }) => mapping === name);
      await until(
        () => last()?.alive === true && step('part')?.status === 'running',
        'part waits for the lock',
      );
      await until(() => step('item')?.status === 'succeeded', 'item is there');
      const seen = last();
      expect(seen).toMatchObject({ alive: true, unfinished: null, reports: [], run: { status: 'running' } });
      expect(step('tail')).toMatchObject({
        status: 'waiting',
        phase: 'two',
        waits_for: ['part'],
        expected_rows: 20,
      });
      expect(seen?.critical_path).toEqual(['part', 'tail']);
      expect(seen?.seconds_left).toBeGreaterThanOrEqual(1);
      expect(seen?.seconds_left_from).toMatch(/^2 mappings by run 2/);

      child.process.kill('SIGKILL');
      await child.ended;
      await until(() => last()?.run.status === 'cut_off', 'the killed run is cut off');
      expect(last()).toMatchObject({
        ...{ alive: false, rows_per_second: null, seconds_left: null },
        unfinished: `etl resume ${project.folder}`,
      });

      const before = heard.length;
      const again = project.spawn([], 'resume');
      await until(() => last()?.run.status === 'running', 'the resumed run waits for the lock');
      await project.target(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and datname = current_database() and pid <> pg_backend_pid()",
      );
      await ending;
      await until(() => last()?.run.status === 'succeeded' && last()?.run.resumes === 1, 'the resumed run');
      expect((await again.ended).code).toBe(0);
      expect([last()?.critical_path, step('tail')?.phase]).toEqual([['item', 'part', 'tail'], 'two']);
      expect(last()?.run).toMatchObject({ read: ROWS + 40, inserted: ROWS + 40, exit_code: 0 });
      expect(heard.slice(before).some(({ event }) => event === 'runs')).toBe(true);
      const states = runs().map(({ run }) => run.status);
      const course = states.filter((status, n) => status !== states[n - 1]);
      expect(course.slice(-5)).toEqual(['succeeded', 'running', 'cut_off', 'running', 'succeeded']);
      const part = await page.get<DashboardMapping>('/api/runs/last/mappings/part');
      expect(part.step.read).toBe(20);
      end();
      expect(await page.stop()).toBe(0);
    }),
  120_000,
);
