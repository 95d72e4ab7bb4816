import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProject, type Child, type TestProject } from '../support/project.js';
import { until } from '../support/until.js';
import { THICKET, THICKET_CONTENT, THICKET_COUNTS, THICKET_EMPTY } from './trees.js';

const ROWS = 1200;

let project: TestProject;
let wanted: unknown;
let wantedCounts: unknown;

beforeAll(async () => {
  project = await createProject(THICKET);
  const { code, output } = await project.spawn().ended;
  if (code !== 0) throw new Error(output);
  wanted = await project.target(THICKET_CONTENT);
  wantedCounts = await project.target(THICKET_COUNTS);
}, 120_000);
afterAll(() => project.drop());
beforeEach(async () => {
  await project.target(THICKET_EMPTY);
});

interface Said {
  readonly code: number | null;
  readonly output: string;
}

/** `etl COMMAND` to its end, with what it says on both streams. */
function command(...args: readonly string[]): Promise<Said> {
  const child = spawn(process.execPath, [path.resolve('dist/bin/etl/main.js'), ...args, project.folder]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve({ code, output });
    });
  });
}

/** Waits until the mapping's table is without its constraints and so many of its rows are committed. */
async function without(child: Child, mapping: string, rows: number): Promise<void> {
  const sql = `select (select count(*) from etl.deferred where mapping = $1) > 0
    and coalesce((select max(read) from etl.steps where mapping = $1), 0) >= $2 there`;
  expect(await until(project.databases.targetAdmin, sql, { params: [mapping, rows], child })).toBe(true);
}

async function kill(mapping: string, rows: number): Promise<void> {
  const child = project.spawn();
  await without(child, mapping, rows);
  child.process.kill('SIGKILL');
  await child.ended;
}

describe('a run that is killed while constraints are away', () => {
  it.for([
    ['node', 0],
    ['node', 1190],
    ['node', ROWS],
    ['note', 600],
  ] as const)(
    '%s, %i rows: the next run ends as if it had not been',
    { timeout: 90_000 },
    async ([mapping, rows]) => {
      await kill(mapping, rows);
      const { code, output } = await command('run');
      expect([code, output]).toEqual([0, expect.stringMatching(/put back what run .* had dropped/)]);
      expect(await project.target(THICKET_CONTENT)).toEqual(wanted);
      expect(await project.target(THICKET_COUNTS)).toEqual(wantedCounts);
      expect(await project.target('select object from etl.deferred')).toEqual([]);
    },
  );

  it('plan puts back as well, and says so; rows in the way go, for the next run to read again', async () => {
    await kill('node', 1190);
    const { code, output } = await command('plan');
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/node_code.*\d+ rows in their way were deleted/),
    ]);
    expect(await project.target('select object from etl.deferred')).toEqual([]);
    expect((await command('plan')).output).not.toMatch(/put back/);
    expect((await command('run')).code).toBe(0);
    expect(await project.target(THICKET_CONTENT)).toEqual(wanted);
  }, 60_000);

  it('rows in the way that are not ours: named, not touched, and put back when they are gone', async () => {
    await kill('node', 400);
    await project.target('insert into node (legacy, code) values (null, 5)');
    const { code, output } = await command('plan');
    expect([code, output]).toEqual([
      5,
      expect.stringMatching(/node_code.* cannot be put back.*1 of them, id \d+, were not loaded by it/),
    ]);
    expect(await project.target('select count(*)::int n from node where code = 5')).toEqual([{ n: 2 }]);
    expect(
      await project.target("select count(*)::int n from etl.deferred where object = 'node_code'"),
    ).toEqual([{ n: 1 }]);
    await project.target('delete from node where legacy is null');
    expect((await command('run')).code).toBe(0);
    expect(await project.target(THICKET_CONTENT)).toEqual(wanted);
  }, 60_000);

  it('a live run keeps what it has taken: another command lets it be', async () => {
    const child = project.spawn();
    await without(child, 'node', 100);
    const plan = await command('plan');
    expect(plan.output).not.toMatch(/put back/);
    expect((await child.ended).code).toBe(0);
    expect(await project.target(THICKET_CONTENT)).toEqual(wanted);
  }, 60_000);

  it('what somebody put back by hand, or dropped with its table, is forgotten', async () => {
    await kill('node', 100);
    await project.target(`delete from node; alter table node add constraint node_code unique (code);
      comment on constraint node_code on node is 'of the code'`);
    expect((await command('run')).code).toBe(0);
    expect(await project.target(THICKET_CONTENT)).toEqual(wanted);
    await project.target(THICKET_EMPTY);
    await kill('note', 100);
    await project.target('alter table note rename to note_was');
    expect((await command('plan')).output).toMatch(/"note" is gone, and with it/);
    await project.target('alter table note_was rename to note');
    await project.target(
      'truncate note; alter table note add constraint note_node foreign key (node) references node, add constraint note_code unique (code)',
    );
    expect((await command('run')).code).toBe(0);
    expect(await project.target(THICKET_CONTENT)).toEqual(wanted);
  }, 60_000);
});
