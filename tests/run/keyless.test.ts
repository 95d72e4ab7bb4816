import { describe, expect, it } from 'vitest';
import { rollback } from '../support/rollback.js';
import { accountingFaults, countsOf, mappingOf, withProject, type ProjectFiles } from '../support/project.js';

const mapping = (table: string, target: string): string => `
source: { query: 'select kind, n from entry' }
target: { table: ${table}, ${target} }
columns: { kind: kind, n: n }
max_rejects: 100%
stop_at: 100%
`;

const FILES: ProjectFiles = {
  source: `create table entry (kind text, n int);
    insert into entry select 'k' || i % 3, i % 40 from generate_series(1, 100) i;
    insert into entry values ('k1', 5), ('bad', 999);`,
  target: `create table log (kind text, n int check (n < 500));
    create table heap (kind text, n int check (n < 500));
    create table journal (id bigint generated always as identity primary key, kind text, n int check (n < 500));`,
  mappings: {
    log: mapping('log', 'mode: insert'),
    heap: mapping('heap', 'mode: replace'),
    journal: mapping('journal', 'identity: id, mode: replace'),
  },
  settings: 'defaults: { batch_rows: 8 }',
};

const COUNTS = `select (select count(*)::int from log) log, (select count(*)::int from journal) journal,
  (select count(*)::int from heap) heap, (select count(*)::int from ((select kind, n from log except all select kind, n from journal)
    union all (select kind, n from journal except all select kind, n from log)
    union all (select kind, n from heap except all select kind, n from log)) d) different`;

describe('a source without a key', () => {
  it('is loaded once, or anew where it replaces; rejects name the row; a rollback makes room again', () =>
    withProject(FILES, async (project) => {
      const dry = await project.run({ dryRun: true });
      expect(dry.mappings.map(({ reason }) => reason)).toEqual([null, null, null]);
      expect(dry.exitCode).toBe(0);
      const sample = await project.run({ limit: 20, select: ['log'] });
      expect(countsOf(sample, 'log')).toBe('read 20, inserted 20');
      // A sample is not the whole.
      expect((await project.run({ select: ['log'] })).exitCode).toBe(2);
      await rollback(project, { run: sample.run });
      const first = await project.run();
      expect(await accountingFaults(project, first)).toEqual([]);
      for (const name of ['log', 'journal', 'heap'])
        expect(countsOf(first, name)).toBe('read 102, inserted 101, rejected 1');
      expect(mappingOf(first, 'log').rejects[0]?.samples[0]?.key).toBe('102');
      const [reject] = await project.target(`select "row" ->> 'n' n from etl.rejects where mapping = 'log'`);
      expect(reject).toEqual({ n: '999' });
      expect(await project.target(COUNTS)).toEqual([{ log: 101, journal: 101, heap: 101, different: 0 }]);

      // A second run loads nothing twice: all is skipped by name, and what was rejected stays so.
      const again = await project.run();
      expect(again.exitCode).toBe(0);
      expect(countsOf(again, 'log')).toBe('read 102, skipped 101, rejected 1');
      expect(mappingOf(again, 'log').skippedBy).toEqual({ 'loaded before': 101 });
      expect(mappingOf(again, 'log').checks).toMatchObject([
        { check: 'row_count', status: 'passed', source: '101', target: '101' },
      ]);
      const [open] = await project.target(
        `select run, "row" ->> 'n' n from etl.open_rejects where mapping = 'log'`,
      );
      expect(open).toEqual({ run: again.run, n: '999' });
      for (const name of ['journal', 'heap'])
        expect(countsOf(again, name)).toBe('read 102, inserted 101, rejected 1');
      expect(await accountingFaults(project, again)).toEqual([]);
      expect(await project.target(COUNTS)).toEqual([{ log: 101, journal: 101, heap: 101, different: 0 }]);

      const verified = await project.verify({ select: ['log', 'journal', 'heap'] });
      expect(
        verified.mappings.map(({ checks }) => checks.find(({ check }) => check === 'row_count')),
      ).toMatchObject(Array(3).fill({ status: 'passed', source: '101', target: '101' }));

      // Which rows are new nobody can tell.
      await project.source("insert into entry values ('new', 1)");
      const more = await project.run({ select: ['log'] });
      expect(more.exitCode).toBe(2);
      expect(mappingOf(more, 'log').reason).toMatch(
        /has loaded 101 rows of the 102 rows that the source had, which has 103 now, and without a key/,
      );
      const [log] = (await project.verify({ select: ['log'] })).mappings;
      expect(log?.checks).toContainEqual(
        expect.objectContaining({ check: 'row_count', status: 'failed', source: '102', target: '101' }),
      );
      await project.source("delete from entry where kind = 'new'");

      await rollback(project, { run: again.run });
      expect(await project.target(COUNTS)).toEqual([{ log: 101, journal: 101, heap: 101, different: 0 }]);
      const pairs = "select count(*)::int n from etl.key_map where mapping = 'heap' and run = $1";
      expect(await project.target(pairs, [first.run])).toEqual([{ n: 101 }]);
      // The old rows are the project's again; one of somebody else's is in the way.
      await project.target("insert into heap values ('theirs', 1)");
      const refused = await project.run({ select: ['heap'] }).catch((error: unknown) => String(error));
      expect(refused).toMatch(/1 row of "public"."heap" not loaded by heap/);
      await project.target("delete from heap where kind = 'theirs'");
      await rollback(project, { run: first.run });
      expect(await project.target(COUNTS)).toEqual([{ log: 0, journal: 0, heap: 0, different: 0 }]);
      expect(countsOf(await project.run({ select: ['log'] }), 'log')).toBe(
        'read 102, inserted 101, rejected 1',
      );
    }));

  it('leaves nothing where it is interrupted, and is there once after a resume', () =>
    withProject(FILES, async (project) => {
      const cut = await project.run({
        jobs: 1,
        onEvent: (event, stop) => {
          if (event.type === 'batch' && event.mapping === 'log') stop.request('the test says so');
        },
      });
      expect(cut.status).toBe('interrupted');
      expect(await accountingFaults(project, cut)).toEqual([]);
      expect(countsOf(cut, 'log')).toBe('');
      expect(await project.target('select from log')).toEqual([]);
      for (let n = 0; n < 2; n++) {
        // As after a kill between the load's commit and the run's end.
        await project.target("update etl.runs set status = 'running' where run = $1", [cut.run]);
        const result = await project.run({ resume: cut.run });
        expect(await accountingFaults(project, result)).toEqual([]);
        expect(countsOf(result, 'log')).toBe('read 102, inserted 101, rejected 1');
        expect(await project.target(COUNTS)).toEqual([{ log: 101, journal: 101, heap: 101, different: 0 }]);
      }
    }));
});
