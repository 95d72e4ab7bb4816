import { expect, it } from 'vitest';
import { accountingFaults, withProject, type ProjectFiles } from '../support/project.js';
import { rollback } from '../support/rollback.js';

const FILES: ProjectFiles = {
  source: `create table team (id int primary key);
    create table person (id int primary key, team int, changed timestamptz not null);
    insert into team values (1); insert into person values (1, 1, '2020-01-01'), (2, 7, '2020-01-01'), (3, 9, '2020-01-01')`,
  target: `create table team (id int primary key); create table person (id int primary key, team int references team)`,
  mappings: {
    team: 'source: { table: team, key: id }\ntarget: { table: team, key: id }\ncolumns: { id: id }',
    person: `source: { table: person, key: id, changed_at: changed }
target: { table: person, key: id }
columns: { id: id, team: { from: team, references: team } }
max_rejects: 100%`,
  },
};

it('what a rolled back run had made good is open again, also behind a replay that did not read it', () =>
  withProject(FILES, async (project) => {
    const run = async (): Promise<string> => {
      const result = await project.run();
      expect([result.exitCode, await accountingFaults(project, result)]).toEqual([0, []]);
      return result.run;
    };
    const state = async (): Promise<unknown> => [
      (await project.target('select id from person order by 1')).map(({ id }) => id),
      (await project.target('select source_key k from etl.open_rejects order by 1')).map(({ k }) => k),
    ];
    await run();
    expect(await state()).toEqual([[1], ['2', '3']]);
    // Row 2 has not changed: a delta run reads it because its reject is open.
    await project.source('insert into team values (7)');
    const delta = await run();
    expect(await state()).toEqual([[1, 2], ['3']]);
    expect((await project.spawn(['replay'], 'rejects').ended).code).toBe(0);
    expect(await state()).toEqual([[1, 2], ['3']]);

    await rollback(project, { run: delta, select: ['person'] });
    expect(await state()).toEqual([[1], ['2', '3']]);
    await run();
    expect(await state()).toEqual([[1, 2], ['3']]);
    // And a delta run from there on proves as much as before.
    await project.source('insert into team values (9)');
    await run();
    expect(await state()).toEqual([[1, 2, 3], []]);
  }));
