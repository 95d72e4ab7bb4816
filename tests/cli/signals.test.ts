import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createDatabases, query, type Databases } from '../support/database.js';
import { etl, project, start, type Running } from './etl.js';
import { expectNoTrace, SMALL, SMALL_SQL } from './small.js';

let databases: Databases;
let env: Record<string, string>;

beforeAll(async () => {
  databases = await createDatabases(SMALL_SQL);
  env = { SOURCE_DATABASE_URL: databases.source, TARGET_DATABASE_URL: databases.target };
});
afterAll(() => databases.drop());

/** Waits until the condition holds; the test's own time-out ends it. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

const people = async (): Promise<number> => {
  const [row] = await query(databases.target, 'select count(*)::int as n from people');
  return Number(row?.['n']);
};

/** The small project with a source that takes `seconds` (SQL) over each row; rows of 2 KB leave the server at once. */
const slow = (seconds: string): Promise<string> =>
  project({
    ...SMALL,
    'etl.yaml': `${SMALL['etl.yaml']}defaults: { batch_rows: 20 }\n`,
    'people.yaml': SMALL['people.yaml']
      .replace('table: person,', `table: person, where: pg_sleep(${seconds}) is not null,`)
      .replace('name: full_name', `name: { sql: "full_name || repeat('.', 2000)" }`),
  });

/** Starts a run and waits for its first committed batch of people. */
async function underWay(folder: string, args: readonly string[] = []): Promise<Running> {
  await query(databases.target, 'truncate people, teams; drop schema if exists etl cascade');
  const run = start(['run', folder, ...args], { env });
  await until(async () => run.process.exitCode !== null || (await people()) > 0);
  return run;
}

describe('a run that is interrupted', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s: the batch is finished, the way on is said',
    async (signal) => {
      const folder = await slow('0.01');
      const run = await underWay(folder, ['--json']);
      run.process.kill(signal);
      const ended = await run.ended;
      expect(ended.code, ended.stderr).toBe(130);
      expect(ended.stderr).toContain(
        `${signal}: the batch at hand is finished and committed; again to stop at once`,
      );
      expect(ended.stderr).toContain(`To go on: etl resume ${folder}`);
      expectNoTrace(ended);
      const { status, mappings } = JSON.parse(ended.stdout) as {
        status: string;
        mappings: { mapping: string; status: string; inserted: number }[];
      };
      expect(status).toBe('interrupted');
      const loaded = mappings.find(({ mapping }) => mapping === 'people');
      expect(loaded).toMatchObject({ status: 'interrupted', inserted: await people() });
      const again = await etl(['run', await project(SMALL)], { env });
      expect(again.code, again.stderr).toBe(0);
      expect(await people()).toBe(1000);
    },
  );

  test('the second signal ends it at once, its backends too', async () => {
    const run = await underWay(await slow('case when id = 600 then 100 else 0 end'));
    run.process.kill('SIGINT');
    await run.says('the batch at hand is finished and committed');
    run.process.kill('SIGINT');
    // The row at hand takes 100 s: it was not waited for, else the batch behind it would be there.
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(await people()).toBeLessThan(600);
    expect(ended.stderr).toContain('SIGINT again: stopping at once');
    expectNoTrace(ended);
    await until(async () => {
      const sql = `select 1 from pg_stat_activity where application_name like 'crosswalk small%' and datname = current_database()`;
      return (
        (await query(databases.sourceAdmin, sql)).length +
          (await query(databases.targetAdmin, sql)).length ===
        0
      );
    });
  });

  test('before it has begun, nothing is waited for', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const url = `postgres://u:p@127.0.0.1:${String(port)}/d?sslmode=disable`;
    const run = start(['run', await project(SMALL), '--json'], { env: { ...env, SOURCE_DATABASE_URL: url } });
    await new Promise((resolve) => silent.once('connection', resolve));
    run.process.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.code, ended.stderr).toBe(130);
    expect(ended.stderr).toBe('error: SIGINT: stopped before anything was loaded\n');
    expect(JSON.parse(ended.stdout)).toMatchObject({ version: 1, error: { exit_code: 130 } });
  });
});

describe('a reader that goes away', () => {
  test.each([
    ['of the result', '"$@" | head -c 1'],
    ['of everything', '"$@" 2>&1 | head -n 1'],
    ['who never read', '"$@" 2>&1 | true'],
  ])('%s costs the text, not the run', async (_, pipe) => {
    await query(databases.target, 'truncate people, teams');
    const folder = await project(SMALL);
    const run = start(['run', folder], { env, through: pipe });
    const ended = await run.ended;
    expectNoTrace(ended);
    expect(await people()).toBe(1000);
  });
});

describe('the embedded server', () => {
  const EMBEDDED = {
    ...SMALL,
    'etl.yaml': `${SMALL['etl.yaml']}embedded: { source: [schema/source.sql], target: [schema/target.sql] }\n`,
    'schema/source.sql': SMALL_SQL.source,
    'schema/target.sql': SMALL_SQL.target,
  };

  test('interrupted while it is built, used by two, killed: the next command finds all in order', async () => {
    const folder = await project(EMBEDDED);
    const args = ['run', folder, '--embedded'];
    const home = path.join(folder, '.etl/embedded');

    const building = start(args);
    await until(() => Promise.resolve(existsSync(path.join(home, 'server.json'))));
    building.process.kill('SIGINT');
    const ended = await building.ended;
    expect(ended).toMatchObject({ code: 130, stdout: '' });
    expect(ended.stderr).toContain('SIGINT: stopped before anything was loaded');
    expectNoTrace(ended);

    const first = start(args);
    await until(async () => {
      const owner = await readFile(path.join(home, 'owner'), 'utf8').catch(() => '');
      return owner.startsWith(`${String(first.process.pid)} `);
    });
    // A command waits for a moment, which is longer than the rest of this one takes.
    first.process.kill('SIGSTOP');
    const second = await etl([...args, '--json']);
    first.process.kill('SIGCONT');
    expect(second.code).toBe(3);
    expect(second.stderr).toContain(`is in use by process ${String(first.process.pid)}`);
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { exit_code: 3 } });
    await first.says('source and target built');
    first.process.kill('SIGKILL');
    expect((await first.ended).signal).toBe('SIGKILL');

    const last = await etl(args);
    expect(last.code, last.stderr).toBe(0);
    expect(last.stdout).toMatch(/people +1,000/);
    expect(await survivors(folder)).toEqual([]);

    // A page that asks without end holds the server for moments, and shows the run that wants it.
    const ui = start(['ui', folder, '--embedded', '--port', '0', '--quiet']);
    const [line] = (await once(ui.process.stdout ?? ui.process, 'data')) as [string];
    const runs = async (): Promise<readonly (readonly [number, string])[]> => {
      const answer = await fetch(`${line.trim()}api/runs`);
      const { runs: found = [] } = (await answer.json()) as {
        readonly runs?: readonly { readonly status: string }[];
      };
      return found.map(({ status }) => [answer.status, status] as const);
    };
    expect(await runs()).toEqual([[200, 'succeeded']]);
    const asking = { isOver: false };
    const clicks = (async (): Promise<void> => {
      while (!asking.isOver) await runs().catch(() => undefined);
    })();
    const beside = await etl(args);
    asking.isOver = true;
    await clicks;
    expect(beside.code, beside.stderr).toBe(0);
    await until(async () => (await runs()).length === 2);
    ui.process.kill('SIGINT');
    expect((await ui.ended).code).toBe(0);
    expect(await survivors(folder)).toEqual([]);
  });

  test('an SQL file that fails is told with its line, and nothing half-built is left', async () => {
    const folder = await project({
      ...EMBEDDED,
      'schema/target.sql': `${SMALL_SQL.target}\ncreate tabel x ();\n`,
    });
    const ended = await etl(['run', folder, '--embedded'], { cwd: folder });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('schema/target.sql:6: syntax error at or near "tabel"');
    expectNoTrace(ended);
    expect(await survivors(folder)).toEqual([]);
  });

  test('.etl that cannot be made is told as what it is', async () => {
    const folder = await project({ ...EMBEDDED, '.etl': 'a file' });
    const ended = await etl(['run', folder, '--embedded']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/^error: .*\.etl/m);
    expectNoTrace(ended);
  });
});

/** Ids of postmasters that still work for a project. */
async function survivors(folder: string): Promise<readonly string[]> {
  const processes = await readdir('/proc').catch(() => []);
  const found: string[] = [];
  for (const pid of processes.filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(folder)) found.push(pid);
  }
  return found;
}
