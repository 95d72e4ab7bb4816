import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { withProject, type ProjectFiles } from '../support/project.js';
import { dump, rollback, spawnRollback } from '../support/rollback.js';
import { until } from '../support/until.js';

const ROWS = 120;
const FILES: ProjectFiles = {
  source: `create table owner (id int primary key, name text); insert into owner select i, 'n' || i from generate_series(1, ${String(ROWS)}) i;
    create table pet (id int primary key, owner int, up int); insert into pet select i, i, nullif((i * 37) % ${String(ROWS)}, 0) from generate_series(1, ${String(ROWS)}) i`,
  target: `create table owner (id int generated always as identity primary key, legacy int unique, name text);
    create table pet (id int primary key, owner int not null references owner, up int references pet);
    insert into owner (legacy, name) values (5, 'before')`,
  mappings: {
    owner:
      'source: { table: owner, key: id }\ntarget: { table: owner, key: legacy, identity: id }\ncolumns: { legacy: id, name: name }',
    pet: 'source: { table: pet, key: id }\ntarget: { table: pet, key: id }\ncolumns: { id: id, owner: { from: owner, references: owner }, up: { from: up, references: pet } }',
  },
  settings: 'defaults: { batch_rows: 20 }',
};

const WAITS = `exists (select from pg_stat_activity where application_name like 'crosswalk %' and wait_event_type = 'Lock'
  and datname = current_database())`;
const NOBODY = `not exists (select from pg_stat_activity where application_name like 'crosswalk %' and datname = current_database())`;

describe('a rollback that is killed', () => {
  it('in its middle has done nothing, and can be run again', { timeout: 300_000 }, () =>
    withProject(FILES, async (project) => {
      const before = await dump(project);
      await project.run();
      const loaded = await dump(project);
      const books = await project.target('select * from etl.batches order by xid, partition');
      const other = new pg.Client({ connectionString: project.databases.targetAdmin });
      await other.connect();
      try {
        // Whoever refers to a row holds it like this; the rollback waits for him when it has restored the others.
        await other.query('begin; select from pet where id = 7 for key share');
        const child = spawnRollback(project);
        await until(project.databases.targetAdmin, `select ${WAITS} there`);
        child.process.kill('SIGKILL');
        await child.ended;
      } finally {
        await other.end();
      }
      await until(project.databases.targetAdmin, `select ${NOBODY} there`);
      expect(await dump(project)).toEqual(loaded);
      expect(await project.target('select * from etl.batches order by xid, partition')).toEqual(books);
      const { code, output } = await spawnRollback(project).ended;
      expect([code, output]).toEqual([0, expect.stringContaining('is undone')]);
      expect(await dump(project)).toEqual(before);
    }),
  );

  it('at any moment leaves all or nothing', { timeout: 300_000 }, () =>
    withProject(FILES, async (project) => {
      const before = await dump(project);
      await project.run();
      const loaded = await dump(project);
      for (const moment of [0, 20, 60, 150]) {
        const child = spawnRollback(project);
        await Promise.race([
          child.ended,
          until(project.databases.targetAdmin, `select not ${NOBODY} there`, { child }).then(() =>
            wait(moment),
          ),
        ]);
        child.process.kill('SIGKILL');
        await child.ended;
        await until(project.databases.targetAdmin, `select ${NOBODY} there`);
        const [run] = await project.target('select status from etl.runs');
        expect(await dump(project)).toEqual(run?.['status'] === 'rolled_back' ? before : loaded);
      }
      await spawnRollback(project).ended;
      expect(await dump(project)).toEqual(before);
    }),
  );
});

describe('a run that was killed', () => {
  it.for(['keep', 'rebuild'])('is undone as far as it came: %s', { timeout: 300_000 }, (mode) =>
    withProject(
      {
        ...FILES,
        mappings: Object.fromEntries(
          Object.entries(FILES.mappings).map(([name, text]) => [
            name,
            text.replace(/(target: .*) \}/, `$1, constraints: ${mode} }`),
          ]),
        ),
      },
      async (project) => {
        const before = await dump(project);
        const constraints = `select conname, pg_get_constraintdef(oid) d from pg_constraint where conrelid in ('pet'::regclass, 'owner'::regclass) order by 1`;
        const standing = await project.target(constraints);
        const child = project.spawn();
        const begun = "select exists (select from etl.batches where mapping = 'pet') there";
        await until(project.databases.targetAdmin, begun);
        child.process.kill('SIGKILL');
        await child.ended;
        const result = await rollback(project);
        expect(result.exitCode).toBe(0);
        expect(await dump(project)).toEqual(before);
        expect(await project.target(constraints)).toEqual(standing);
      },
    ),
  );

  it('is not undone while another one is under way', () =>
    withProject(FILES, async (project) => {
      await project.run();
      const pending: Promise<unknown>[] = [];
      await project.run({
        onEvent: (event) => {
          if (event.type === 'run_started')
            pending.push(rollback(project).then(String, (error: unknown) => error));
        },
      });
      expect(await pending[0]).toMatchObject({ exitCode: 3 });
    }));
});
