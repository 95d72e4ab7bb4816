import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readProject } from '../../engine/cli/project.js';
import { siteOf } from '../../engine/cli/ui/site.js';
import type { DashboardMapping, DashboardRun } from '../../engine/contract/dashboard.js';
import { Desk } from '../../engine/ui/desk.js';
import { Events } from '../../engine/ui/events.js';
import { freePort } from '../support/port.js';
import { withProject, type TestProject } from '../support/project.js';
import { openProxy, type Proxy } from '../support/proxy.js';
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

/** A run's answer of some megabytes, so that two fill what the system's own buffers take. */
const WIDE = `insert into etl.steps (run, mapping) select run, repeat('x', 20000) || n from etl.runs, generate_series(1, 200) n`;

it(
  'a page that does not read keeps one event and no more, and hears how things stand when it does',
  () =>
    withProject(FILES, async (project) => {
      const held = project.target('begin; lock table part in share mode; select pg_sleep(120)');
      const ending = held.catch(() => undefined);
      const child = project.spawn();
      const started = `select from pg_tables where schemaname = 'etl' and tablename = 'steps'`;
      await until(async () => (await project.target(started)).length > 0, 'there is a state');
      await until(async () => (await project.target('select from etl.steps')).length > 0, 'a mapping runs');
      await project.target(WIDE);
      const output = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };
      const loaded = await readProject(project.folder, 'connections', output);
      const desk = new Desk(siteOf({ loaded, stamp: null }, project.folder, false));
      const events = new Events(desk);
      const responses: ServerResponse[] = [];
      const server = createServer((_request, response) => {
        responses.push(response);
        events.add('last', response);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const stalled = connect(port, '127.0.0.1').pause();
      stalled.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => responses.length === 1, 'the page that does not read is there');
      const at: string[] = [];
      const other = request({ host: '127.0.0.1', port });
      other.on('response', (response) =>
        response.setEncoding('utf8').on('data', (text: string) => at.push(...timesIn(text))),
      );
      other.end();
      const [silent] = responses;
      await until(() => silent?.writableNeedDrain === true, 'what it was sent is more than the system takes');
      const unread = silent?.writableLength ?? 0;
      const heard = at.length;
      await until(() => at.length > heard + 2, 'the other page goes on');
      expect(silent?.writableLength).toBe(unread);
      expect(unread).toBeGreaterThan(1_000_000);

      const late: string[] = [];
      stalled.setEncoding('utf8').on('data', (text: string) => late.push(...timesIn(text)));
      stalled.resume();
      const now = at.at(-1) ?? '';
      await until(() => (late.at(-1) ?? '') > now, 'it hears how things stand');
      expect(late.length).toBeLessThan(at.length);
      stalled.destroy();
      other.destroy();
      await events.stop();
      server.close();
      await desk.pool.close();
      child.process.kill('SIGKILL');
      await child.ended;
      await project.target(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and datname = current_database() and pid <> pg_backend_pid()",
      );
      await ending;
    }),
  120_000,
);

/** The times that events of a run begin with, of a piece of the stream. */
const timesIn = (text: string): readonly string[] =>
  [...text.matchAll(/data: \{"at":"([^"]+)"/g)].map(([, time]) => time ?? '');

it(
  'a target that is away is said and its return noticed; a hundred pages look on, and the next one is told that these are enough',
  () =>
    withProject(FILES, async (project) => {
      const proxy = await openProxy(project.databases.target);
      const page = await startThrough(project, proxy);
      const { port } = proxy;
      await project.run();
      const { heard, end } = await listen(page);
      await until(() => heard.some(({ event }) => event === 'run'), 'the run is told');
      proxy.port = await freePort();
      proxy.cut();
      const asked = await page.ask('/api/runs/last');
      expect([asked.status, JSON.parse(asked.text)]).toEqual([
        503,
        expect.objectContaining({ error: expect.stringMatching(/./) as string }),
      ]);
      await until(() => heard.some(({ event }) => event === 'lost'), 'the target is away');
      proxy.port = port;
      const before = heard.length;
      await until(() => heard.slice(before).some(({ event }) => event === 'run'), 'the target is back');

      const looking: IncomingMessage[] = [];
      for (let n = 1; n < 100; n += 1) looking.push(await page.open('/api/events?run=last'));
      const refused = await page.ask('/api/events?run=last');
      expect([refused.status, JSON.parse(refused.text)]).toEqual([
        503,
        { error: 'too many pages look on', help: 'close some of them' },
      ]);
      for (const one of looking) one.on('error', () => undefined).destroy();
      await until(async () => {
        const one = await page.open('/api/events?run=last');
        one.on('error', () => undefined).destroy();
        return one.statusCode === 200;
      }, 'there is room again');
      // Beyond these a connection is closed as it comes.
      const sockets = Array.from({ length: 560 }, () =>
        connect(page.port, '127.0.0.1').on('error', () => undefined),
      );
      const closed = (): number =>
        sockets.filter(({ destroyed, readyState }) => destroyed || readyState === 'closed').length;
      for (const socket of sockets) socket.resume();
      await until(() => closed() >= 40, 'too many connections are closed');
      expect(closed()).toBeLessThan(100);
      for (const socket of sockets) socket.destroy();
      await until(
        async () => (await page.ask('/api/runs').catch(() => ({ status: 0 }))).status === 200,
        'it answers again',
      );
      end();
      expect(await page.stop()).toBe(0);
      await proxy.close();
    }),
  120_000,
);

/** The dashboard of a project whose target is behind a proxy. */
async function startThrough(project: TestProject, proxy: Proxy): Promise<Dashboard> {
  const before = process.env['TRIAL_TARGET'];
  process.env['TRIAL_TARGET'] = proxy.through(project.databases.target);
  try {
    return await Dashboard.start(project);
  } finally {
    if (before === undefined) delete process.env['TRIAL_TARGET'];
    else process.env['TRIAL_TARGET'] = before;
  }
}
