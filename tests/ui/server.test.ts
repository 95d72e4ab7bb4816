import { describe, expect, it } from 'vitest';
import type { DashboardRun, DashboardRuns } from '../../engine/contract/dashboard.js';
import { withProject } from '../support/project.js';
import { Dashboard } from './dashboard.js';

const FILES = {
  source: `create table item (id int primary key, v int); insert into item select i, i - 3 from generate_series(1, 40) i`,
  target: `create table item (id int primary key, v int check (v >= 0))`,
  mappings: {
    item: 'source: { table: item, key: id }\ntarget: { table: item, key: id }\ncolumns: { id: id, v: v }\nmax_rejects: 5',
  },
};

describe('etl ui', () => {
  it('says where nothing was run, then what was run', () =>
    withProject(FILES, async (project) => {
      const page = await Dashboard.start(project.folder);
      expect(await page.get('/api/runs')).toEqual({ runs: [], next: null });
      expect((await page.ask('/api/runs/last')).status).toBe(404);
      const { run } = await project.run();
      const list = await page.get<DashboardRuns>('/api/runs');
      expect(list.runs.map((line) => [line.run, line.status, line.read, line.verdict])).toEqual([
        [run, 'succeeded', 40, 'GO WITH EXCEPTIONS'],
      ]);
      const answer = await page.get<DashboardRun>('/api/runs/last');
      expect(answer.mappings[0]).toMatchObject({ mapping: 'item', status: 'succeeded', rejected: 2 });
      expect((await page.ask('/')).text).toContain('<title>Crosswalk');
      expect(await page.stop()).toBe(0);
    }));
});
