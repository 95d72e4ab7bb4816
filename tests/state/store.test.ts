import { describe, expect, it } from 'vitest';
import { countsOf, withProject } from '../support/project.js';

const FILES = {
  source: 'create table item (id int primary key); insert into item select generate_series(1, 30)',
  target: 'create table thing (id int generated always as identity primary key)',
  mappings: { item: 'source: { table: item, key: id }\ntarget: { table: thing, identity: id }\ncolumns: {}' },
  settings: 'defaults: { batch_rows: 10 }',
};

describe('the state schema', () => {
  it('refuses the batches of a run that another has taken over', () =>
    withProject(FILES, async (project) => {
      const taken: Promise<unknown>[] = [];
      const result = await project.run({
        onEvent: (event) => {
          if (event.type === 'mapping_started') {
            taken.push(project.target("update etl.runs set status = 'abandoned'"));
          }
        },
      });
      await Promise.all(taken);
      expect(result.exitCode).not.toBe(0);
      expect(result.mappings[0]?.reason).toMatch(/not the running one any more/);
      const [row] = await project.target('select count(*)::int n from thing');
      expect(row).toEqual({ n: result.mappings[0]?.inserted });
    }));

  it('makes whoever takes over wait for the batch that is being committed', () =>
    withProject(FILES, async (project) => {
      await project.run();
      await project.target("update etl.runs set status = 'running'");
      const [locked] = await project.target(`
        begin;
        select etl.checkpoint(run, epoch, 'item', 0, null, 0, 0, 0, 0, 0, 0, 0) from etl.runs;
        create extension if not exists pgrowlocks;
        select array_to_string(modes, ',') modes from pgrowlocks('etl.runs')`);
      expect(locked).toEqual({ modes: 'For Share' });
    }));

  it('of a newer version is left alone', () =>
    withProject(FILES, async (project) => {
      await project.run();
      await project.target('update etl.version set version = 99');
      await expect(project.run()).rejects.toMatchObject({ exitCode: 2, message: /newer Crosswalk/ });
    }));

  it('keeps the pairs of two projects apart', () =>
    withProject(FILES, async (project) => {
      await project.run();
      const text = `version: 1\nproject: other\nconnections:\n  source: { url: "${project.databases.source}" }\n  target: { url: "${project.databases.target}" }\n`;
      await project.write('etl.yaml', text);
      expect(countsOf(await project.run(), 'item')).toBe('read 30, inserted 30');
    }));
});
