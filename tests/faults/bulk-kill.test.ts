import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProject, type Child, type TestProject } from '../support/project.js';

const ROWS = 1200;

/** A tree with duplicates under two unique constraints and a broken foreign key; notes by kept pairs. */
const FILES = {
  source: `create table node (id int primary key, up int, code int, r int);
    insert into node select i, case when i % 7 = 0 then i / 2 end, i % 1160, i % 31 from generate_series(1, ${String(ROWS)}) i;
    create table note (id text primary key, node int, code int);
    insert into note select 'n' || i, i, i % 1180 from generate_series(1, ${String(ROWS)}) i`,
  target: `create table r (id int primary key); insert into r select generate_series(0, 29);
    create table node (id int generated always as identity primary key, legacy int constraint node_legacy unique,
      up int constraint node_up references node, code int constraint node_code unique, r int constraint node_r references r);
    create index node_by_up on node (up); comment on constraint node_code on node is 'of the code';
    create table note (id int generated always as identity primary key, node int constraint note_node references node, code int constraint note_code unique)`,
  mappings: {
    node: 'source: { table: node, key: id }\ntarget: { table: node, key: legacy, identity: id, constraints: rebuild }\ncolumns: { legacy: id, up: { from: up, references: node }, code: code, r: r }\nmax_rejects: 100%\nstop_at: 100%',
    note: 'source: { table: note, key: id }\ntarget: { table: note, identity: id, constraints: rebuild }\ncolumns: { node: { from: node, references: node }, code: code }\nmax_rejects: 100%\nstop_at: 100%',
  },
  settings: 'defaults: { batch_rows: 20 }',
};

const CONTENT = `
  select 'node' t, n.legacy::text k, concat_ws(' ', u.legacy, n.code, n.r) v from node n left join node u on u.id = n.up
  union all select 'note', t.code::text, n.legacy::text from note t join node n on n.id = t.node
  union all select 'pair ' || k.mapping, k.source_key, t.code::text from etl.key_map k left join note t on t.id = k.target_key::int
  union all select conrelid::regclass::text, conname, concat_ws(' ', pg_get_constraintdef(oid), convalidated, obj_description(oid, 'pg_constraint'))
    from pg_constraint where conrelid in ('node'::regclass, 'note'::regclass)
  union all select tablename, indexname, indexdef from pg_indexes where tablename in ('node', 'note')
  order by 1, 2, 3`;
// A row that was rejected and comes again may break another constraint first: rows have come behind it.
const COUNTS = `select mapping, read::int, (inserted + updated + unchanged)::int loaded, rejected::int, status,
    (select json_agg(j.source_key order by j.source_key) from etl.rejects j where j.run = s.run and j.mapping = s.mapping)
  from etl.steps s where run = (select run from etl.runs order by epoch desc limit 1) order by 1`;

let project: TestProject;
let wanted: unknown;
let wantedCounts: unknown;

beforeAll(async () => {
  project = await createProject(FILES);
  const { code, output } = await project.spawn().ended;
  if (code !== 0) throw new Error(output);
  wanted = await project.target(CONTENT);
  wantedCounts = await project.target(COUNTS);
}, 120_000);
afterAll(() => project.drop());
beforeEach(async () => {
  await project.target('truncate node, note; drop schema etl cascade');
});

interface Said {
  readonly code: number | null;
  readonly output: string;
}

/** `etl COMMAND` to its end, with what it says on both streams. */
function command(...args: readonly string[]): Promise<Said> {
  const child = spawn(process.execPath, [path.resolve('dist/engine/cli/main.js'), ...args, project.folder]);
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
  const sql = `select (select count(*) from etl.deferred where mapping = $1)::int dropped,
    coalesce((select max(read) from etl.steps where mapping = $1), 0)::int n`;
  for (let tries = 0; tries < 5000 && child.process.exitCode === null; tries++) {
    const [state] = await project.target("select to_regclass('etl.deferred') is not null there");
    const [row] = state?.['there'] === true ? await project.target(sql, [mapping]) : [];
    if (Number(row?.['dropped'] ?? 0) > 0 && Number(row?.['n']) >= rows) return;
    await wait(2);
  }
  throw new Error('the constraints were never away');
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
      expect(await project.target(CONTENT)).toEqual(wanted);
      expect(await project.target(COUNTS)).toEqual(wantedCounts);
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
    expect(await project.target(CONTENT)).toEqual(wanted);
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
    expect(await project.target(CONTENT)).toEqual(wanted);
  }, 60_000);

  it('a live run keeps what it has taken: another command lets it be', async () => {
    const child = project.spawn();
    await without(child, 'node', 100);
    const plan = await command('plan');
    expect(plan.output).not.toMatch(/put back/);
    expect((await child.ended).code).toBe(0);
    expect(await project.target(CONTENT)).toEqual(wanted);
  }, 60_000);

  it('what somebody put back by hand, or dropped with its table, is forgotten', async () => {
    await kill('node', 100);
    await project.target(`delete from node; alter table node add constraint node_code unique (code);
      comment on constraint node_code on node is 'of the code'`);
    expect((await command('run')).code).toBe(0);
    expect(await project.target(CONTENT)).toEqual(wanted);
    await project.target('truncate node, note; drop schema etl cascade');
    await kill('note', 100);
    await project.target('alter table note rename to note_was');
    expect((await command('plan')).output).toMatch(/"note" is gone, and with it/);
    await project.target('alter table note_was rename to note');
    await project.target(
      'truncate note; alter table note add constraint note_node foreign key (node) references node, add constraint note_code unique (code)',
    );
    expect((await command('run')).code).toBe(0);
    expect(await project.target(CONTENT)).toEqual(wanted);
  }, 60_000);
});
