import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabases, query, type Databases } from '../support/database.js';
import { etl, project, write } from './etl.js';
import { SMALL, SMALL_SQL } from './small.js';

let databases: Databases;
let env: Record<string, string>;

beforeAll(async () => {
  databases = await createDatabases(SMALL_SQL);
  env = { SOURCE_DATABASE_URL: databases.source, TARGET_DATABASE_URL: databases.target };
});
afterAll(() => databases.drop());

test('a run keeps to a plan, refuses a stale one and says what has changed; plan tells whether there is work', async () => {
  const folder = await project(SMALL);
  const file = path.join(folder, 'plan.json');
  const plan = (...more: string[]) =>
    etl(['plan', folder, '--detailed-exitcode', '--quiet', ...more], { env });
  const run = (...more: string[]) => etl(['run', folder, '--plan', file, '--quiet', ...more], { env });

  const made = await plan('--out', file, '--json');
  expect([made.code, made.stderr]).toEqual([6, '']);
  const shown = JSON.parse(made.stdout) as { hash: string; to_do: unknown };
  expect(shown.to_do).toEqual([
    { mapping: 'people', reason: 'no run has loaded it yet' },
    { mapping: 'teams', reason: 'no run has loaded it yet' },
  ]);
  const text = await readFile(file, 'utf8');
  const written = JSON.parse(text) as { hash: string; selection: string[]; steps: { sql: string }[] };
  expect(written).toMatchObject({ hash: shown.hash, project: 'small', selection: ['people', 'teams'] });
  expect(written.steps.map(({ sql }) => sql)).toEqual([expect.anything(), expect.anything()]);
  expect(text).not.toContain(new URL(databases.source).password);

  // What a pull request's comment names is what a run would take.
  const base = await project({ ...SMALL, 'teams.yaml': `# earlier\n${SMALL['teams.yaml']}` });
  const compared = await etl(['diff', folder, '--base-dir', base, '--sample', '5', '--json'], { env });
  expect(JSON.parse(compared.stdout), compared.stderr).toMatchObject({ plan_hash: shown.hash });

  // More rows, another estimate and the rows that are loaded by then make no plan stale.
  await query(databases.sourceAdmin, `insert into team values (3, 'green'); analyze team`);
  const loaded = await run();
  expect(loaded.code, loaded.stderr).toBe(0);
  expect((await plan()).code).toBe(0);
  expect((await run()).code).toBe(0);

  await write(folder, {
    'people.yaml': SMALL['people.yaml'].replace(
      'name: full_name',
      'name: { from: full_name, steps: [trim] }',
    ),
    'extra.yaml': SMALL['teams.yaml'],
  });
  await query(
    databases.targetAdmin,
    `alter table teams alter name type varchar(50), add motto text, add unique (name)`,
  );
  await query(databases.sourceAdmin, `alter table person alter born type varchar(10)`);
  const stale = await run();
  expect(stale.code).toBe(2);
  for (const change of [
    '  - extra.yaml is new',
    '  - people.yaml has changed',
    '  - target table public.teams: column name is character varying(50), was text',
    '  - target table public.teams: column motto is new',
    '  - target table public.teams: unique (name) is new',
    '  - source of people: column born is character varying(10), was text',
  ]) {
    expect(stale.stderr).toContain(change);
  }
  expect(stale.stderr).not.toContain('column id');

  // The plan itself: one of some mappings, one of another database, an edited one.
  await rm(path.join(folder, 'extra.yaml'));
  await write(folder, SMALL);
  const some = await plan('--select', 'teams', '--out', file, '--json');
  expect(some.code).toBe(6);
  expect(JSON.parse(some.stdout)).toMatchObject({
    to_do: [{ mapping: 'teams', reason: expect.stringContaining('has changed since run') as string }],
  });
  const part = await run('--json');
  expect(part.code, part.stderr).toBe(0);
  expect(JSON.parse(part.stdout)).toMatchObject({ mappings: [{ mapping: 'teams' }] });
  const other = await etl(['run', folder, '--plan', file], {
    env: { ...env, TARGET_DATABASE_URL: databases.source },
  });
  expect([other.code, other.stderr]).toEqual([2, expect.not.stringContaining('teams: column')]);
  for (const [flags, words] of [
    [['--select', 'teams'], '--plan says what is selected'],
    [['--plan', path.join(folder, 'none.json')], 'the plan cannot be read'],
    [['--plan', path.join(folder, 'etl.yaml')], 'this is no JSON'],
  ] as const) {
    const ended = await run(...flags);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(words)]);
  }
  await writeFile(file, (await readFile(file, 'utf8')).replace('"crosswalk"', '"crossbow"'));
  expect((await run()).stderr).toContain('the plan was edited');
}, 180_000);
