import { expect, it, onTestFinished } from 'vitest';
import type { Patience } from '../../engine/run/sessions/retries.js';
import { accountingFaults, countsOf, withProject } from '../support/project.js';
import { openProxy } from '../support/proxy.js';
import { rollback } from '../support/rollback.js';

const QUICK: Patience = { tries: 5, first: 50, most: 200, total: 60_000, resumable: true };
const LIMITS = { connect: 2000, stall: 5000, probe: 1000, lock: 1000 };
const ROWS = "select string_agg(id || coalesce(note, ''), ' ' order by id) rows from item";

it('a table that is replaced is emptied once, whenever the connection is lost; its rows, and others’ that force let go, come back', () =>
  withProject(
    {
      source: 'create table item (id int primary key); insert into item select generate_series(1, 12)',
      target:
        "create table item (id int primary key, note text); insert into item values (1, 'theirs'), (77, 'theirs')",
      mappings: {
        item: 'source: { table: item, key: id }\ntarget: { table: item, key: id, mode: replace }\ncolumns: { id: id }',
      },
      settings: 'defaults: { batch_rows: 5 }',
    },
    async (project) => {
      const proxy = await openProxy(project.databases.target);
      onTestFinished(() => proxy.close());
      const urls = { target: proxy.through(project.databases.target) };
      const options = { jobs: 1, patience: QUICK, limits: LIMITS, urls, force: true };
      // The emptying is the begin of the first batch's message: its answer is lost, then that of later ones.
      for (const lost of [[0], [0, 1], [1, 2], [0, 2, 4]]) {
        let sent = 0;
        proxy.onRequest = (bytes) =>
          bytes.includes('select "etl".checkpoint(') && lost.includes(sent++) ? 'cut' : null;
        const result = await project.run(options);
        expect([lost, result.exitCode, countsOf(result, 'item')]).toEqual([lost, 0, 'read 12, inserted 12']);
        expect(await accountingFaults(project, result)).toEqual([]);
        expect(result.mappings[0]?.retries).toBeGreaterThan(0);
        expect(
          await project.target('select rows::int from etl.emptied where run = $1', [result.run]),
        ).toEqual([{ rows: 2 }]);
        await rollback(project, { run: result.run });
        expect(await project.target(ROWS)).toEqual([{ rows: '1theirs 77theirs' }]);
      }
      proxy.onRequest = () => null;
      // Without --force nothing is touched; a dry run with it leaves all as it was.
      await expect(project.run({ jobs: 1 })).rejects.toThrow(/2 rows of "public"."item" not loaded by item/);
      const dry = await project.run({ jobs: 1, dryRun: true, force: true });
      expect(countsOf(dry, 'item')).toBe('read 12, inserted 12');
      expect(await project.target(ROWS)).toEqual([{ rows: '1theirs 77theirs' }]);
      // What is gone on with was forced, and says so by itself.
      const cut = await project.run({
        ...options,
        onEvent: (event, stop) => {
          if (event.type === 'batch') stop.request('the test says so');
        },
      });
      expect(cut.status).toBe('interrupted');
      const resumed = await project.run({ jobs: 1, resume: cut.run });
      expect([resumed.exitCode, countsOf(resumed, 'item')]).toEqual([0, 'read 12, inserted 12']);
      await rollback(project, { run: cut.run });
      expect(await project.target(ROWS)).toEqual([{ rows: '1theirs 77theirs' }]);
    },
  ));

it('a sample takes no table’s place: said with what to do instead', () =>
  withProject(
    {
      source: 'create table item (id int primary key)',
      target: 'create table item (id int primary key)',
      mappings: {
        item: 'source: { table: item, key: id }\ntarget: { table: item, key: id, mode: replace }\ncolumns: { id: id }',
      },
    },
    async (project) => {
      await expect(project.run({ limit: 3 })).rejects.toThrow(/a sample would take the place of all rows/);
      expect((await project.run({ limit: 3, dryRun: true })).exitCode).toBe(0);
    },
  ));
