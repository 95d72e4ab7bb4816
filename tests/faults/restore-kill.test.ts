import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { withProject, type ProjectFiles } from '../support/project.js';
import { until } from '../support/until.js';

const ROWS = 200;

/** An index that takes a second to build over the rows, and none over an empty table; a trigger that is to be off. */
const FILES: ProjectFiles = {
  source: `create table item (id int primary key, code int); insert into item select i, i % 195 from generate_series(1, ${String(ROWS)}) i`,
  target: `create function slow(int) returns int language plpgsql immutable as $$ begin perform pg_sleep(0.005); return $1; end $$;
    create table bulk (id int primary key, code int constraint bulk_code unique); create index bulk_slow on bulk (slow(code));
    create function stamp() returns trigger language plpgsql as $$ begin new.code := -1; return new; end $$;
    create table quiet (id int primary key, code int);
    create trigger stamp before insert on quiet for each row execute function stamp()`,
  mappings: {
    bulk: 'source: { table: item, key: id }\ntarget: { table: bulk, key: id, constraints: rebuild }\ncolumns: { id: id, code: code }\nmax_rejects: 100%',
    quiet:
      'source: { table: item, key: id }\ntarget: { table: quiet, key: id, triggers: disable }\ncolumns: { id: id, code: code }\ndepends_on: [bulk]',
  },
  settings: 'defaults: { batch_rows: 20 }',
};

const LEFT = `select 'bulk' t, id::text k, code::text v from bulk union all select 'quiet', id::text, code::text from quiet
  union all select 'index', indexname, indexdef from pg_indexes where tablename in ('bulk', 'quiet')
  union all select 'trigger', tgname, tgenabled::text from pg_trigger where tgrelid = 'quiet'::regclass
  union all select 'reject ' || mapping, source_key, rule from etl.rejects
  union all select 'deferred', object, null from etl.deferred
  union all select 'step ' || mapping, status, concat_ws(' ', read, inserted, updated, unchanged, rejected) from etl.steps where status <> 'rolled_back'
  order by 1, 2, 3`;
const STANDS = `select (select count(*)::int from etl.deferred) deferred, (select tgenabled::text from pg_trigger where tgname = 'stamp') trigger,
  (select count(*)::int from pg_indexes where indexname in ('bulk_code', 'bulk_slow')) indexes`;
const STANDING = [{ deferred: 0, trigger: 'O', indexes: 2 }];

const ACTIVE = (words: string): string =>
  `exists (select from pg_stat_activity where datname = current_database() and application_name like 'crosswalk %'
    and state = 'active' and query ilike '%${words}%')`;

describe('kill -9 while what was dropped or disabled comes back', () => {
  it(
    'the next command, whichever it is, brings it back; resume and rollback end as if nothing had been',
    { timeout: 300_000 },
    () =>
      withProject(FILES, async (project) => {
        const undisturbed = await project.spawn().ended;
        expect([undisturbed.code, undisturbed.output]).toEqual([0, expect.any(String)]);
        const wanted = await project.target(LEFT);
        expect(await project.target(STANDS)).toEqual(STANDING);
        const empty = async (): Promise<void> => {
          await project.target('truncate bulk, quiet; drop schema etl cascade');
        };

        const goesOn = async (): Promise<void> => {
          const { code, output } = await project.spawn([], 'resume').ended;
          expect([code, output]).toEqual([0, expect.any(String)]);
          expect(await project.target(LEFT)).toEqual(wanted);
        };

        // While an index is built; what its process still does at the server is waited for, or ended.
        await empty();
        const building = project.spawn();
        expect(
          await until(project.databases.targetAdmin, `select ${ACTIVE('create index bulk')} there`, {
            child: building,
          }),
        ).toBe(true);
        building.process.kill('SIGKILL');
        await building.ended;
        await goesOn();

        // While the trigger is enabled again: somebody who writes there holds it up.
        await empty();
        const child = project.spawn();
        expect(
          await until(
            project.databases.targetAdmin,
            "select exists (select from etl.deferred where object = 'stamp') there",
            { child },
          ),
        ).toBe(true);
        const other = new pg.Client({ connectionString: project.databases.targetAdmin });
        await other.connect();
        try {
          await other.query('begin; lock table quiet in row exclusive mode');
          expect(
            await until(project.databases.targetAdmin, `select ${ACTIVE('enable trigger')} there`, { child }),
          ).toBe(true);
          child.process.kill('SIGKILL');
          await child.ended;
          expect(await project.target(STANDS)).toMatchObject([{ trigger: 'D' }]);
        } finally {
          await other.end();
        }
        const { code, output } = await project.spawn([], 'plan').ended;
        expect([code, output]).toEqual([0, expect.any(String)]);
        expect(await project.target(STANDS)).toEqual(STANDING);
        await goesOn();
      }),
  );
});
