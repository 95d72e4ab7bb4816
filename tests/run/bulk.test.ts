import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openDatabases } from '../../engine/cli/databases.js';
import { prepare } from '../../engine/cli/prepare.js';
import { readProject, selectMappings } from '../../engine/cli/project.js';
import type { ConstraintPlan } from '../../engine/contract/constraints.js';
import type { RunResult } from '../../engine/contract/result.js';
import {
  accountingFaults,
  countsOf,
  mappingOf,
  withProject,
  type ProjectFiles,
  type TestProject,
} from '../support/project.js';

const QUIET = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };

/** What `etl plan` says of each load's constraints. */
async function plans(project: TestProject): Promise<Readonly<Record<string, ConstraintPlan>>> {
  const loaded = await readProject(project.folder, 'connections', QUIET);
  const databases = await openDatabases(loaded.project, false, () => undefined);
  try {
    const { plan } = await prepare(loaded, selectMappings(loaded, [], [], QUIET), databases, QUIET);
    const loads = plan.steps.filter((step) => step.kind === 'load');
    return Object.fromEntries(loads.map((step) => [step.mapping, step.constraints]));
  } finally {
    await databases.close();
  }
}

const mapping = (more = 'constraints: rebuild', columns = '"*": same_name'): string =>
  `source: { table: t, key: id }\ntarget: { table: t, key: id, ${more} }\ncolumns: { ${columns} }\nmax_rejects: 100%\nstop_at: 100%`;

/** One table `t` of the same columns on both sides; 1000 rows of nothing that any constraint here would refuse. */
const files = (target: string, t = mapping()): ProjectFiles => ({
  source: `create table t (id int primary key, a int, b text);
    insert into t select i, i, 'b' || i from generate_series(1, 1000) i`,
  target: `create table t (id int primary key, a int, b text); ${target}`,
  mappings: { t },
});

async function runNoting(project: TestProject): Promise<{ result: RunResult; said: readonly string[] }> {
  const said: string[] = [];
  const result = await project.run({
    onEvent: (event) => {
      if (event.type === 'notice') said.push(event.message);
      if (event.type === 'stage' && event.stage === 'constraints') said.push('constraints');
    },
  });
  return { result, said };
}

describe('what is dropped', () => {
  it('own foreign keys, unique constraints and indexes, and nothing that must stay', async () => {
    const sql = `create table r (id int primary key); insert into r select generate_series(1, 1000);
      alter table t add constraint t_r foreign key (a) references r, add constraint t_unchecked foreign key (a) references r not valid,
        add constraint t_a unique (a), add constraint t_b unique (b), add constraint t_ab unique (a, b);
      create table child (t_b text references t (b)); create index t_plain on t (b); create unique index t_lower on t (lower(b));
      create index t_clustered on t (a); cluster t using t_clustered; create unique index t_identity on t (id);
      alter table t replica identity using index t_identity;
      create function add_one() returns void begin atomic insert into t (id) values (1) on conflict on constraint t_ab do nothing; end`;
    await withProject(files(sql), async (project) => {
      expect(await plans(project)).toEqual({
        t: {
          mode: 'keep',
          drop: [],
          reason: 'there is nothing that may be dropped',
          kept: expect.arrayContaining([
            { name: 't_b', reason: 'the foreign key child_t_b_fkey of child refers to it' },
            { name: 't_ab', reason: 'something depends on it' },
            { name: 't_clustered', reason: 'the table is clustered by it' },
            { name: 't_identity', reason: 'it is the replica identity' },
            { name: 't_unchecked', reason: 'it is not validated' },
            { name: 't_pkey', reason: 'it is the primary key' },
            { name: 't_r', reason: 'what t_b, which stays, refuses depends on the rows that others refuse' },
          ]) as unknown,
          stays: expect.arrayContaining(['t_b', 't_pkey', 't_r']) as unknown,
        },
      });
      await project.target('drop table child; drop function add_one()');
      const { t } = await plans(project);
      expect(t?.drop).toEqual(['t_a', 't_b', 't_ab', 't_plain', 't_lower', 't_r']);
    });
  });

  it.for([
    [
      'a partitioned table',
      'drop table t; create table t (id int primary key, a int, b text) partition by range (id); create table t1 partition of t default; grant all on t to etl_target',
      'no ordinary table',
    ],
    ['a parent', 'create table t1 () inherits (t); create index i on t (a)', 'inheritance'],
    [
      'a trigger',
      "create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger g after insert on t for each row execute function f(); create index i on t (a)",
      'triggers',
    ],
    ['a rule', 'create index i on t (a); create rule r as on insert to t do also select 1', 'rules'],
    [
      'published without an identity',
      'alter table t drop constraint t_pkey, add unique (id); create publication p for table t',
      'published',
    ],
    [
      'a table of somebody else',
      'create index i on t (a); alter table t owner to postgres; grant all on t to etl_target',
      'does not own',
    ],
    [
      'a self-reference of the source',
      'alter table t add foreign key (a) references t (id)',
      'depends on the order',
    ],
    [
      'an exclusion constraint',
      'alter table t add constraint t_x exclude using btree (b with =), add unique (a)',
      't_x, which stays',
    ],
  ] as const)('nothing of %s', async ([, sql, reason]) => {
    const made = files('');
    await withProject(made, async (project) => {
      await project.target(sql);
      const { t } = await plans(project);
      expect(t?.drop).toEqual([]);
      expect(JSON.stringify(t)).toContain(reason);
      const { result } = await runNoting(project);
      expect(result.exitCode).toBe(0);
    });
  });

  it('nothing where the mapping says keep, loads few rows, is not the only one, or finds rows there', async () => {
    const two = { t: mapping(), u: mapping().replace('key: id }', 'key: id, where: id > 500 }') };
    await withProject(
      { ...files('create index i on t (id); create index j on t (b)'), mappings: two },
      async (project) => {
        expect((await plans(project))['t']?.reason).toBe('several mappings load the table');
        await project.write('u', mapping().replaceAll('table: t', 'table: u'));
        await project.source('create table u as select * from t');
        await project.target('create table u (like t including all)');
        await project.write('t', mapping('constraints: keep'));
        expect((await plans(project))['t']?.reason).toBe('the mapping says keep');
        await project.write('t', mapping('constraints: auto'));
        expect((await plans(project))['t']?.reason).toBe('fewer than 50,000 rows');
        await project.write('t', mapping());
        await project.target("insert into t values (7, 7, 'seven')");
        expect((await plans(project))['t']).toMatchObject({
          drop: ['i'],
          reason: /not empty: only indexes/ as unknown as string,
        });
      },
    );
  });
});

/** What the catalogue says of the table `t`. */
const CATALOGUE = `
  select conname n, pg_get_constraintdef(oid) d, convalidated v, obj_description(oid, 'pg_constraint') c from pg_constraint where conrelid = 't'::regclass
  union all select indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid, obj_description(indexrelid, 'pg_class') from pg_index where indrelid = 't'::regclass
  order by 1, 2`;

describe('what comes back', () => {
  const OBJECTS = `create table r (id int primary key); insert into r select generate_series(1, 1000);
    alter table t add constraint t_r foreign key (a) references r on delete cascade deferrable initially deferred;
    alter table t add constraint "t ""B" unique (b) deferrable; comment on constraint "t ""B" on t is 'it''s b';
    comment on index "t ""B" is 'its index'; comment on constraint t_r on t is 'of r';
    create index t_lower on t (lower(b) text_pattern_ops desc nulls last) with (fillfactor = 70);
    create unique index t_part on t (a, b) nulls not distinct where a > 3; comment on index t_part is 'part'`;

  it('is what went, and what no role may put back has stayed', async () => {
    await withProject(files(OBJECTS), async (project) => {
      const before = await project.target(CATALOGUE);
      const { result, said } = await runNoting(project);
      expect([result.exitCode, said]).toEqual([0, ['constraints']]);
      expect(await project.target(CATALOGUE)).toEqual(before);
      expect(await project.target('select * from etl.deferred')).toEqual([]);
      await project.target(
        'truncate t; revoke references on r from etl_target; alter table r owner to postgres; grant select on r to etl_target',
      );
      expect((await plans(project))['t']?.kept).toContainEqual({
        name: 't_r',
        reason: 'the role may not refer to r',
      });
    });
  });

  it('what would come back otherwise stays, as the rehearsal finds', async () => {
    const sql = `create schema closed; create table closed.r (id int primary key); insert into closed.r select generate_series(1, 1000);
      create index t_lower on t (lower(b)); create index t_plain on t (a); alter index t_lower alter column 1 set statistics 500`;
    await withProject(files(sql), async (project) => {
      await project.target(
        `alter table t add constraint t_r foreign key (a) references closed.r; alter table closed.r owner to postgres;
         grant references, select on closed.r to etl_target; alter schema closed owner to postgres`,
      );
      const before = await project.target(CATALOGUE);
      const { result, said } = await runNoting(project);
      expect([result.exitCode, said]).toEqual([
        0,
        [
          't: t_lower stays in place: it would not come back as it was',
          expect.stringMatching(/t_r stays in place: it could not be put back: .*closed/),
          'constraints',
        ],
      ]);
      expect(await project.target(CATALOGUE)).toEqual(before);
    });
  });

  it('comes back when the run is stopped, and when the mapping fails', async () => {
    const rules = `${mapping()}\nrules: [{ sql: "id < 900", severity: fail }]`;
    const made = { ...files(OBJECTS), settings: 'defaults: { batch_rows: 50 }' };
    await withProject(made, async (project) => {
      const before = await project.target(CATALOGUE);
      await project.source("update t set b = 'b1' where id in (5, 7)");
      const stopped = await project.run({
        onEvent: (event, stop) => {
          if (event.type === 'batch' && event.progress.read >= 100) stop.request('test');
        },
      });
      expect(stopped.exitCode).toBe(130);
      expect(await accountingFaults(project, stopped)).toEqual([]);
      expect(await project.target(CATALOGUE)).toEqual(before);
      expect(await project.target('select count(*)::int n from t where id in (1, 5, 7)')).toEqual([{ n: 0 }]);
      await project.target('truncate t; drop schema etl cascade');
      await project.write('t', rules);
      const failed = await project.run();
      expect(failed.exitCode).toBe(5);
      expect(await project.target(CATALOGUE)).toEqual(before);
      await project.write('t', mapping());
      const again = await project.run();
      expect(countsOf(again, 't')).toMatch(/^read 1000, inserted \d+, unchanged \d+, rejected 2$/);
      expect(await project.target('select object from etl.deferred')).toEqual([]);
    });
  });
});

/** Runs once with everything in place and once without, and expects the same of both. */
async function sameInBoth(made: ProjectFiles, look: string): Promise<unknown> {
  let outcome: unknown;
  const text = Object.entries(made.mappings).map(([name, words]) => [name, words] as const);
  await withProject(made, async (project) => {
    const one = async (): Promise<unknown> => {
      const { result } = await runNoting(project);
      expect(await accountingFaults(project, result)).toEqual([]);
      return [
        result.exitCode,
        result.reasons,
        result.mappings.map(({ mapping: name, reason, references }) => [
          name,
          reason,
          countsOf(result, name),
          references,
        ]),
        await project.target(
          'select mapping, source_key, column_name, rule, sqlstate, reason from etl.rejects order by 1, 2, 3',
        ),
        await project.target(look),
      ];
    };
    for (const [name, words] of text) await project.write(name, words.replaceAll('rebuild', 'keep'));
    outcome = await one();
    await project.target('truncate t cascade; drop schema etl cascade');
    for (const [name, words] of text) await project.write(name, words);
    expect(await one()).toEqual(outcome);
  });
  return outcome;
}

describe('late rejects', () => {
  it('rows 1 and 3 of a chain of duplicates stay, as they would have done', async () => {
    const made = {
      source:
        'create table t (id int primary key, a int, b int); insert into t values (1, 1, 1), (2, 1, 2), (3, 2, 2), (4, 9, 4), (5, 9, 5)',
      target: `create table r (id int primary key); insert into r values (1), (2);
        create table t (id int primary key, a int references r, b int, unique (a), unique (b))`,
      mappings: { t: mapping() },
    };
    const outcome = await sameInBoth(made, 'select id from t order by 1');
    expect(outcome).toMatchObject({ 4: [{ id: 1 }, { id: 3 }] });
    expect(JSON.stringify(outcome)).toContain('"read 5, inserted 2, rejected 3"');
  });

  it('a value too wide for an index, and an index that cannot compute', async () => {
    const made = {
      source: `create table t (id int primary key, a int, b text); insert into t select i, i, 'b' || i from generate_series(1, 30) i;
        update t set b = (select string_agg(md5(i::text), '') from generate_series(1, 400) i) where id = 5; update t set a = 0 where id = 7;
        update t set b = 'b8' where id = 9`,
      target:
        'create table t (id int primary key, a int, b text unique); create index t_b on t (b); create index t_inverse on t ((10 / a))',
      mappings: { t: mapping() },
    };
    const outcome = await sameInBoth(made, 'select id from t order by 1');
    expect(JSON.stringify(outcome)).toContain('"read 30, inserted 27, rejected 3"');
  });

  it('dependants see the rows that are left, and stop_at holds', async () => {
    const made = {
      source: `create table t (id text primary key, a int); insert into t select 'k' || i, i % 40 from generate_series(1, 50) i;
        create table c (id int primary key, t text); insert into c select i, 'k' || i from generate_series(1, 50) i`,
      target: `create table t (id int generated always as identity primary key, a int unique);
        create table c (id int primary key, t int references t)`,
      mappings: {
        t: 'source: { table: t, key: id }\ntarget: { table: t, identity: id, constraints: rebuild }\ncolumns: { a: a }\nmax_rejects: 100%\nstop_at: 100%',
        c: 'source: { table: c, key: id }\ntarget: { table: c, key: id, constraints: rebuild }\ncolumns: { id: id, t: { from: t, references: t } }\nmax_rejects: 100%\nstop_at: 100%',
      },
      settings: 'defaults: { batch_rows: 7 }',
    };
    const look = 'select c.id, t.a from c left join t on t.id = c.t order by 1';
    expect(JSON.stringify(await sameInBoth(made, look))).toContain('"read 50, inserted 40, rejected 10"');
    await withProject(
      { ...made, mappings: { t: made.mappings.t.replace('stop_at: 100%', 'stop_at: 4') } },
      async (project) => {
        const { result } = await runNoting(project);
        expect([result.exitCode, mappingOf(result, 't').reason]).toEqual([
          4,
          expect.stringMatching(/more than stop_at/),
        ]);
        expect(await project.target('select object from etl.deferred')).toEqual([]);
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    );
  });

  it('rows of somebody else in the way: the mapping fails and names them, nothing of theirs is touched', async () => {
    const made = {
      ...files('alter table t add constraint t_a unique (a)'),
      source:
        "create table t (id int primary key, a int, b text); insert into t select i, i, 'b' from generate_series(1, 30000) i",
      settings: 'defaults: { batch_rows: 100 }',
    };
    await withProject(made, async (project) => {
      const done: Promise<unknown>[] = [];
      const result = await project.run({
        onEvent: (event) => {
          if (event.type !== 'batch' || done.length > 0) return;
          done.push(project.target("insert into t values (-1, 5, 'theirs')"));
        },
      });
      await Promise.all(done);
      expect([result.exitCode, mappingOf(result, 't').reason]).toEqual([
        5,
        expect.stringMatching(/t_a cannot be put back.*not in the source/),
      ]);
      expect(await project.target('select object from etl.deferred')).toEqual([{ object: 't_a' }]);
      expect(await project.target('select id from t where a = 5 order by 1')).toEqual([
        { id: -1 },
        { id: 5 },
      ]);
    });
  });
});

describe('constraints: auto', () => {
  it('drops where a large load meets an empty table that nobody writes to', async () => {
    const made = {
      ...files('alter table t add constraint t_a unique (a)', mapping('constraints: auto')),
      source: `create table t (id int primary key, a int, b text);
        insert into t select i, i, 'b' from generate_series(1, 60000) i; analyze t`,
    };
    await withProject(made, async (project) => {
      expect((await plans(project))['t']).toMatchObject({ mode: 'rebuild', drop: ['t_a'], reason: null });
      const first = await runNoting(project);
      expect([countsOf(first.result, 't'), first.said]).toEqual([
        'read 60000, inserted 60000',
        ['constraints'],
      ]);
      expect((await plans(project))['t']).toMatchObject({ mode: 'keep', reason: 'the table is not empty' });
      await project.target('truncate t');
      const writing = project.target('begin; lock table t in row exclusive mode; select pg_sleep(60)');
      const ended = writing.catch(() => 'ended');
      const writer = "select pid from pg_locks where relation = 't'::regclass and mode = 'RowExclusiveLock'";
      while ((await project.target(writer)).length === 0) await wait(20);
      const { result, said } = await runNoting(project);
      await project.target(`select pg_terminate_backend(pid) from (${writer}) w`);
      expect(await ended).toBe('ended');
      expect([countsOf(result, 't'), said]).toEqual([
        'read 60000, inserted 60000',
        ['t: constraints and indexes stay in place: somebody else is writing to the table'],
      ]);
    });
  });
});
