import { describe, expect, it } from 'vitest';
import { openDatabases } from '../../engine/cli/databases.js';
import { readProject } from '../../engine/cli/project.js';
import type { Session } from '../../engine/contract/session.js';
import { auditSql, readAudit, verifyChain } from '../../engine/state/audit.js';
import { UPGRADES } from '../../engine/state/schema.js';
import { withProject, type TestProject } from '../support/project.js';

const FILES = {
  source: 'create table item (id int primary key); insert into item select generate_series(1, 30)',
  target: 'create table thing (id int generated always as identity primary key)',
  mappings: { item: 'source: { table: item, key: id }\ntarget: { table: thing, identity: id }\ncolumns: {}' },
};
const QUIET = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };
const SCHEMA = '"etl"';
/** The first version has no audit yet. */
const UPGRADED = UPGRADES.slice(1)
  .map(() => 'state schema upgraded')
  .join(', ');

async function withTarget<T>(project: TestProject, work: (session: Session) => Promise<T>): Promise<T> {
  const { project: loaded } = await readProject(project.folder, 'connections', QUIET);
  const databases = await openDatabases(loaded, false, () => undefined);
  const session = await databases.open('target');
  try {
    return await work(session);
  } finally {
    await session.close();
    await databases.close();
  }
}

const EVENTS = "select string_agg(event, ', ' order by id) events from etl.audit";
const append = (event: string, details: object = {}): string =>
  auditSql(SCHEMA, { project: 'trial', run: null, event, details });

describe('the audit', () => {
  it('says who did what with which mappings, from the schema’s making to the run’s end', () =>
    withProject(FILES, async (project) => {
      const { run } = await project.run();
      expect(await project.target(EVENTS)).toEqual([{ events: `${UPGRADED}, run started, run finished` }]);
      const entries = await withTarget(project, (session) =>
        readAudit(session, SCHEMA, { project: 'trial', run: null, limit: 10 }),
      );
      const [started, finished] = entries.slice(UPGRADES.length - 1);
      expect(started).toMatchObject({ run, databaseUser: 'etl_target' });
      expect(started?.operator).toMatch(/^\w/);
      expect(started?.details).toMatchObject({
        kind: 'run',
        operator: 'tester',
        mappings_hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        provenance: { crosswalk: 'test', node: process.version, options: { failFast: false } },
      });
      expect(JSON.stringify(started)).not.toContain('postgres://');
      expect(finished?.details).toMatchObject({
        exit_code: 0,
        status: 'succeeded',
        mappings: { item: { read: 30, inserted: 30, rejected: 0 } },
      });
    }));

  it('refuses changes, and names them where the owner has gone around that', () =>
    withProject(FILES, async (project) => {
      await project.run();
      await project.run();
      for (const sql of [
        "update etl.audit set event = 'x' where id = 1",
        'delete from etl.audit',
        'truncate etl.audit',
      ]) {
        await expect(project.target(sql)).rejects.toThrow(/append-only/);
      }
      const verify = async (sql: string): Promise<unknown> => {
        await project.target(`alter table etl.audit disable trigger user; ${sql}`);
        const chain = await withTarget(project, (session) => verifyChain(session, SCHEMA));
        return chain.broken === null ? null : [chain.broken.id, chain.broken.reason];
      };
      const [copy] = await project.target('select json_agg(a order by id) kept from etl.audit a');
      const again = `truncate etl.audit; insert into etl.audit
        select * from json_populate_recordset(null::etl.audit, '${JSON.stringify(copy?.['kept'])}')`;
      expect(await verify('select 1')).toBeNull();
      expect(await verify("update etl.audit set operator = 'nobody' where id = 3")).toEqual([
        3,
        expect.stringMatching(/changed/),
      ]);
      await verify(again);
      expect(await verify("update etl.audit set at = at + interval '1us' where id = 2")).toEqual([
        2,
        expect.stringMatching(/changed/),
      ]);
      await verify(again);
      expect(await verify('delete from etl.audit where id = 3')).toEqual([4, expect.stringMatching(/gone/)]);
      await verify(again);
      expect(await verify("update etl.audit set hash = repeat('0', 64) where id = 5")).toEqual([
        5,
        expect.stringMatching(/changed/),
      ]);
      await verify(again);
      expect(await verify('delete from etl.audit where id > 3')).toEqual([
        4,
        expect.stringMatching(/not written down/),
      ]);
      await verify(again);
      expect(await verify('delete from etl.audit')).toEqual([1, expect.stringMatching(/gone/)]);
      await verify(again);
      expect(await verify('select 1')).toBeNull();
    }));

  it('is one chain, however many write at once; what is rolled back is not in it', () =>
    withProject(FILES, async (project) => {
      await project.run();
      await Promise.all(
        Array.from({ length: 6 }, (_, n) =>
          withTarget(project, async (session) => {
            for (let i = 0; i < 10; i++) {
              const end = i % 3 === 0 ? 'rollback' : 'commit';
              await session.query(`begin; ${append('test', { n, odd: 'a\u0000\ud800\'"\\' })}; ${end}`);
            }
          }),
        ),
      );
      const chain = await withTarget(project, (session) => verifyChain(session, SCHEMA));
      expect(chain).toMatchObject({ entries: UPGRADES.length + 1 + 36, broken: null });
    }));

  it('knows of interrupted, abandoned and deleted runs', () =>
    withProject(FILES, async (project) => {
      await project.run({ onEvent: (event, stop) => event.type === 'run_started' && stop.request('test') });
      await project.target("update etl.runs set status = 'running'");
      await project.run();
      await project.target("delete from etl.runs where status = 'abandoned'");
      const [row] = await project.target(EVENTS);
      expect(row?.['events']).toBe(
        `${UPGRADED}, run started, run interrupted, run resumed, run abandoned, run started, run finished, run deleted`,
      );
    }));

  it('names the constraints that a load dropped and put back', () =>
    withProject(
      {
        ...FILES,
        target: 'create table thing (id int generated always as identity primary key, n int unique)',
        mappings: {
          item: 'source: { table: item, key: id }\ntarget: { table: thing, identity: id, constraints: rebuild }\ncolumns: { n: id }',
        },
      },
      async (project) => {
        const { run } = await project.run();
        const rows = await project.target(
          `select run, event, details->>'table' t, details->'objects' objects from etl.audit
           where event like 'constraints%' order by id`,
        );
        const facts = { run, t: '"public"."thing"', objects: ['thing_n_key'] };
        expect(rows).toEqual([
          { ...facts, event: 'constraints dropped' },
          { ...facts, event: 'constraints put back' },
        ]);
      },
    ));
});
