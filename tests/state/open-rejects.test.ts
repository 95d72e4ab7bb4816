import { describe, expect, it } from 'vitest';
import { withProject, type TestProject } from '../support/project.js';

/** A value below 0 is rejected; `two` refers to `one`. */
const FILES = {
  source:
    'create table one (id int primary key, v int); insert into one select i, i - 3 from generate_series(1, 5) i;' +
    'create table two (id int primary key, one int); insert into two select i, i from generate_series(1, 5) i',
  target:
    'create table one (id int primary key, v int); create table two (id int primary key, one int references one)',
  mappings: {
    one: 'source: { table: one, key: id }\ntarget: { table: one, key: id }\ncolumns: { id: id, v: v }\nrules: [ { range: { column: v, min: 0 } } ]\nmax_rejects: 100%',
    two: 'source: { table: two, key: id }\ntarget: { table: two, key: id }\ncolumns: { id: id, one: { from: one, references: one } }\nmax_rejects: 100%',
  },
};

async function open(project: TestProject): Promise<string> {
  const rows = await project.target(
    `select mapping || ' ' || source_key row from etl.open_rejects where project = 'trial' order by 1`,
  );
  return rows.map(({ row }) => String(row)).join(', ');
}

describe('an open reject', () => {
  it('is closed by a later run that read its key and did not reject it', () =>
    withProject(FILES, async (project) => {
      await project.run();
      expect(await open(project)).toBe('one 1, one 2, two 1, two 2');
      await project.source('update one set v = 9 where id = 1; delete from one where id = 2');
      await project.run({ select: ['one'] });
      expect(await open(project)).toBe('two 1, two 2');
      await project.run();
      expect(await open(project)).toBe('two 2');
    }));

  it('stays open where the later run did not come to its end, was limited or was rolled back', () =>
    withProject(FILES, async (project) => {
      await project.run();
      await project.source('update one set v = 9');
      await project.run();
      expect(await open(project)).toBe('');
      const last = 'where epoch = (select max(epoch) from etl.runs)';
      await project.target(
        `update etl.steps set status = 'interrupted' where run = (select run from etl.runs ${last})`,
      );
      expect(await open(project)).toBe('one 1, one 2, two 1, two 2');
      await project.target(
        `update etl.steps set status = 'succeeded'; update etl.runs set kind = 'limit' ${last}`,
      );
      expect(await open(project)).toBe('one 1, one 2, two 1, two 2');
      await project.target(`update etl.runs set kind = 'run', status = 'rolled_back' ${last}`);
      expect(await open(project)).toBe('one 1, one 2, two 1, two 2');
      await project.target(`update etl.runs set status = 'succeeded' ${last}`);
      expect(await open(project)).toBe('');
    }));

  it('is known once, by the last run that rejected it', () =>
    withProject(FILES, async (project) => {
      await project.run();
      const second = await project.run();
      const rows = await project.target("select distinct run from etl.open_rejects where mapping = 'one'");
      expect(rows).toEqual([{ run: second.run }]);
      expect(await open(project)).toBe('one 1, one 2, two 1, two 2');
    }));
});
