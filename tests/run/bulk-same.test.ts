import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountingFaults, mappingOf, withProject, type TestProject } from '../support/project.js';

/** Constraints and indexes of the table `t`, of which each case has some. */
const OBJECTS = [
  'alter table t add constraint t_a unique (a)',
  'alter table t add constraint t_b_c unique (b, c)',
  'alter table t add constraint t_late unique (c) deferrable initially deferred',
  'alter table t add constraint t_nulls unique nulls not distinct (a, b)',
  'create unique index t_lower on t (lower(c)) where b > 1',
  'create unique index t_sum on t ((a + b)) include (c)',
  'create index t_plain on t (c, b desc)',
  'create index t_part on t (b) where a is not null',
  'alter table t add constraint t_par foreign key (par) references p on delete restrict',
  'alter table t add constraint t_full foreign key (a, b) references q match full deferrable',
  'alter table t add constraint t_simple foreign key (a, b) references q',
  'alter table t add constraint t_up foreign key (up) references t',
  'alter table t add check (a <> 3)',
  'create index t_up_index on t (up)',
] as const;

interface Case {
  readonly objects: readonly number[];
  readonly pairs: boolean;
  readonly missing: 'reject' | 'null';
  readonly batch: number;
  readonly rows: readonly (readonly (number | null)[])[];
}

const digit = fc.option(fc.nat({ max: 4 }), { freq: 6 });
const parent = fc.option(fc.nat({ max: 18 }), { freq: 2 });
const CASES: fc.Arbitrary<Case> = fc.record({
  objects: fc.subarray(OBJECTS.map((_, n) => n), { minLength: 2 }),
  pairs: fc.boolean(),
  missing: fc.constantFrom('reject' as const, 'null' as const),
  batch: fc.integer({ min: 1, max: 8 }),
  rows: fc.array(fc.tuple(digit, digit, digit, digit, parent), {
    minLength: 3,
    maxLength: 16,
  }),
}); // prettier-ignore

const text = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'null' : String(value);

const sourceOf = ({ rows }: Case): string =>
  `create table t (id int primary key, a int, b int, c text, par int, up int);
   insert into t values ${rows
     .map(([a, b, c, par, up], n) => {
       const letter = c === null ? 'null' : `'${'xXyYz'.charAt(c ?? 0)}'`;
       return `(${[String(n), text(a), text(b), letter, text(par), text(up)].join(', ')})`;
     })
     .join(', ')}`;

const targetOf = ({ objects, pairs }: Case): string =>
  `create table p (id int primary key); insert into p values (0), (1), (2), (3);
   create table q (x int, y int, primary key (x, y)); insert into q select x, y from generate_series(0, 3) x, generate_series(0, 4) y;
   create table t (id int generated always as identity primary key, k int${pairs ? '' : ' constraint t_k unique'}, a int, b int, c text, par int, up int);
   ${objects.map((n) => OBJECTS[n] ?? '').join('; ')}; comment on table t is 'it stays';
   ${objects.includes(0) ? "comment on constraint t_a on t is 'of a'; comment on index t_a is 'index of a';" : ''}`;

const mappingFor = (mode: string, { pairs, missing }: Case): string =>
  `source: { table: t, key: id }
target: { table: t, ${pairs ? '' : 'key: k, '}identity: id, constraints: ${mode} }
columns: { k: id, a: a, b: b, c: c, par: par, up: { from: up, references: t, missing: ${missing} } }
rules: [{ not_null: [c], severity: warn }]
max_rejects: 100%
stop_at: 100%`;

const CATALOGUE = `
  select conname n, pg_get_constraintdef(oid) d, convalidated::text v, obj_description(oid, 'pg_constraint') c from pg_constraint where conrelid = 't'::regclass
  union all select indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid::text, obj_description(indexrelid, 'pg_class') from pg_index where indrelid = 't'::regclass
  order by 1, 2`;

/** Runs that have dropped something. */
let rebuilt = 0;

/** All that a run leaves and says, ids replaced by the source's keys. */
async function outcome(project: TestProject): Promise<unknown> {
  const said: string[] = [];
  const result = await project.run({
    onEvent: (event) => {
      if (event.type === 'notice') said.push(event.message);
      if (event.type === 'stage' && event.stage === 'constraints') rebuilt++;
    },
  });
  expect(await accountingFaults(project, result)).toEqual([]);
  const { read, inserted, rejected, status, reason, references, warnings, rejects, bytes } = mappingOf(
    result,
    't',
  );
  expect([status, reason, said.filter((line) => line.includes('could not be put back'))]).toEqual([
    'succeeded',
    null,
    [],
  ]);
  return {
    counts: { read, inserted, rejected, status, references, warnings: warnings['not_null'] ?? 0, bytes },
    groups: rejects.map(({ rule, sqlstate, column, count }) => [rule, sqlstate, column, count].join()).sort(),
    rows: await project.target(
      'select t.k, t.a, t.b, t.c, t.par, u.k up from t left join t u on u.id = t.up order by 1',
    ),
    rejects: await project.target(
      `select source_key, column_name, rule, sqlstate, regexp_replace(reason, '\\(\\d+ in the target\\)|row contains.*', '') reason, "row", file, line from etl.rejects order by 1, 2, 3`,
    ),
    warned: await project.target('select source_key, rule from etl.warnings order by 1, 2'),
    step: await project.target('select read, inserted, rejected, last_key, bytes_read from etl.steps'),
    pairs: await project.target(
      'select k.source_key, t.k from etl.key_map k join t on t.id::text = k.target_key order by 1',
    ),
    left: await project.target('select object from etl.deferred'),
    catalogue: await project.target(CATALOGUE),
  };
}

async function same(one: Case): Promise<void> {
  const files = {
    source: sourceOf(one),
    target: targetOf(one),
    mappings: { t: mappingFor('keep', one) },
    settings: `defaults: { batch_rows: ${String(one.batch)} }`,
  };
  await withProject(files, async (project) => {
    const catalogue = await project.target(CATALOGUE);
    const kept = await outcome(project);
    expect(kept).toMatchObject({ catalogue });
    await project.target('truncate t; drop schema etl cascade');
    await project.write('t', mappingFor('rebuild', one));
    expect(await outcome(project)).toEqual(kept);
  });
}

describe('constraints: rebuild', () => {
  it('gives the rows, rejects, counts and catalogue of keep', { timeout: 300_000 }, async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
    await fc.assert(fc.asyncProperty(CASES, same), {
      seed,
      numRuns: Number(process.env['RUNS'] ?? 12),
      endOnFailure: process.env['SHRINK'] === undefined,
    });
    expect(rebuilt).toBeGreaterThan(0);
  });
});
