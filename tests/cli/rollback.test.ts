import { expect, it } from 'vitest';
import { withProject } from '../support/project.js';
import { spawnRollback } from '../support/rollback.js';

const FILES = {
  source: `create table item (id int primary key, name text); insert into item select i, 'n' || i from generate_series(1, 20) i`,
  target: 'create table thing (id int primary key, name text)',
  mappings: {
    item: 'source: { table: item, key: id }\ntarget: { table: thing, key: id }\ncolumns: { id: id, name: name }\n',
  },
};

it('without a terminal it says what it would do and does nothing; with --yes it does it', () =>
  withProject(FILES, async (project) => {
    await project.run();
    await project.target("update thing set name = 'theirs' where id <= 7");
    const asked = await spawnRollback(project, []).ended;
    expect(asked.code).toBe(2);
    expect(asked.output).toContain('item (public.thing): 13 to delete, 7 kept');
    expect(asked.output).toContain('    1: kept, changed since by someone else');
    expect(asked.output).toContain('    and 2 more (--json names them all)');
    expect(asked.output).toContain('there is no terminal to ask on');
    expect(await project.target('select from thing')).toHaveLength(20);
    const done = await spawnRollback(project, ['--yes', '--json', '--select', 'it*']).ended;
    expect(done.code).toBe(4);
    const document = JSON.parse(done.output) as {
      exit_code: number;
      mappings: { kept: unknown[]; deleted: number }[];
    };
    expect([document.exit_code, document.mappings[0]?.deleted, document.mappings[0]?.kept.length]).toEqual([
      4, 13, 7,
    ]);
    const wrong = await spawnRollback(project, ['--yes', '--select', 'items']).ended;
    expect(wrong).toMatchObject({
      code: 2,
      output: expect.stringContaining('did you mean "item"?') as string,
    });
    expect((await spawnRollback(project, ['--yes', '--force']).ended).code).toBe(0);
    expect(await project.target('select from thing')).toEqual([]);
  }));
