import { describe, expect, it } from 'vitest';
import { accountingFaults, countsOf, mappingOf, withProject, type ProjectFiles } from '../support/project.js';

const TABLES = ['one', 'two', 'three', 'four'];
const LOAD = (table: string, more: string): string => `
source: { table: ${table}, key: id }
target: { table: ${table}, key: id }
columns: { "*": same_name }
${more}`;

/** Four tables of 40 rows; one and two are of phase a, three and four of phase b. */
const project = (more: Partial<Record<string, string>>, target = ''): ProjectFiles => ({
  source: TABLES.map(
    (t) =>
      `create table ${t} (id int primary key, n int); insert into ${t} select i, i from generate_series(1, 40) i;`,
  ).join(' '),
  target: TABLES.map((t) => `create table ${t} (id int primary key, n int);`).join(' ') + target,
  mappings: Object.fromEntries(
    TABLES.map((t, at) => [t, LOAD(t, `phase: ${at < 2 ? 'a' : 'b'}\n${more[t] ?? ''}`)]),
  ),
  settings: 'phases: [a, b]\ndefaults: { batch_rows: 10 }',
});

describe('phases', () => {
  it('are barriers: nothing of the second starts before all of the first has ended', () =>
    withProject(project({}), async (trial) => {
      const events: string[] = [];
      const result = await trial.run({
        jobs: 4,
        onEvent: (event) => {
          if (event.type === 'mapping_started') events.push(`start ${event.mapping}`);
          if (event.type === 'batch') events.push(`batch ${event.mapping}`);
        },
      });
      expect(result.exitCode).toBe(0);
      const firstOfB = events.findIndex((event) => /start (three|four)/.test(event));
      const lastOfA = events.findLastIndex((event) => /batch (one|two)/.test(event));
      expect(lastOfA).toBeLessThan(firstOfB);
      expect(await accountingFaults(trial, result)).toEqual([]);
    }));

  it('a failure stops the later ones, its neighbours go on', () =>
    withProject(
      project({ one: 'rules: [{ range: { column: n, max: 30 }, severity: fail }]' }),
      async (trial) => {
        const result = await trial.run();
        expect(result.exitCode).toBe(5);
        expect(result.mappings.map((m) => `${m.mapping} ${m.status}`).sort()).toEqual([
          'four not_run',
          'one failed',
          'three not_run',
          'two succeeded',
        ]);
        expect(mappingOf(result, 'one').reason).toMatch(/31.*one\.yaml:\d+/);
        expect(mappingOf(result, 'three').reason).toContain('one');
        expect(await accountingFaults(trial, result)).toEqual([]);
        const [row] = await trial.target('select count(*)::int n from one');
        expect(row).toEqual({ n: mappingOf(result, 'one').inserted });
      },
    ));

  it('fail-fast stops what runs beside the failure, with the failure’s exit code', () =>
    withProject(
      project({ one: 'rules: [{ range: { column: n, max: 5 }, severity: fail }]' }),
      async (trial) => {
        await trial.source('insert into two select i, i from generate_series(41, 60000) i');
        const result = await trial.run({ failFast: true, jobs: 2 });
        expect([result.exitCode, result.status]).toEqual([5, 'failed']);
        expect(mappingOf(result, 'one').status).toBe('failed');
        expect(mappingOf(result, 'two').status).toBe('interrupted');
        expect(await accountingFaults(trial, result)).toEqual([]);
      },
    ));
});

describe('selection', () => {
  it('runs what is selected alone, and reads what was loaded before', () =>
    withProject(project({ three: 'depends_on: [one]' }), async (trial) => {
      const result = await trial.run({ select: ['three'] });
      expect(result.mappings.map((m) => m.mapping)).toEqual(['three']);
      expect(countsOf(result, 'three')).toBe('read 40, inserted 40');
      const more = await trial.run({ select: ['+three'] });
      expect(more.mappings.map((m) => m.mapping)).toEqual(['one', 'three']);
      await expect(trial.run({ select: ['tree'] })).rejects.toThrow(/ETL-SEL-001/);
    }));
});

describe('verdicts', () => {
  it.for([
    ['max_rejects: 1 of 2 bad rows', 'max_rejects: 1\nstop_at: 100%', 4, 'succeeded'],
    ['max_rejects: 2 of 2 bad rows', 'max_rejects: 2\nstop_at: 100%', 0, 'succeeded'],
    ['max_rejects: 5 % of 5 %', 'max_rejects: 5%\nstop_at: 100%', 0, 'succeeded'],
    ['max_rejects: 4.9 % of 5 %', 'max_rejects: 4.9%\nstop_at: 100%', 4, 'succeeded'],
    ['stop_at: 1 row', 'max_rejects: 100%\nstop_at: 1', 4, 'failed'],
  ] as const)('%s', ([, more, exitCode, status]) =>
    withProject(
      project({
        one: `rules: [{ accepted_values: { column: n, values: [${[...Array(41).keys()].filter((n) => n !== 4 && n !== 6).join(', ')}] } }]\n${more}`,
      }),
      async (trial) => {
        const result = await trial.run({ select: ['one'] });
        expect([result.exitCode, mappingOf(result, 'one').status]).toEqual([exitCode, status]);
        expect(await accountingFaults(trial, result)).toEqual([]);
        if (status === 'failed') {
          // The batch that went too far leaves nothing, so the message itself must say what is wrong.
          expect(mappingOf(result, 'one').reason).toMatch(/stop_at.*key 4 .*accepted_values.*one\.yaml:\d+/);
        }
      },
    ),
  );

  it('a count that differs fails the run: rows that a trigger takes away again', () =>
    withProject(
      project(
        {},
        `create function f() returns trigger language plpgsql as $$ begin delete from one where id = 7; return null; end $$;
        create trigger t after insert on one for each statement execute function f()`,
      ),
      async (trial) => {
        const result = await trial.run();
        expect(result.exitCode).toBe(5);
        expect(mappingOf(result, 'one').reason).toMatch(/row_count.*40.*39/);
        expect(await accountingFaults(trial, result)).toEqual([]);
      },
    ));
});
