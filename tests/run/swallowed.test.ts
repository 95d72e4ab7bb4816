import { describe, expect, it } from 'vitest';
import { accountingFaults, countsOf, mappingOf, withProject } from '../support/project.js';

/** Ways in which rows come into a table: what stands behind `source:`, `target:` and the listed columns. */
const WAYS: Readonly<Record<string, readonly [string, string, string]>> = {
  plain: ['key: id', 'key: legacy, identity: id', ''],
  ranged: ['key: id, partition: { rows: 10 }', 'key: legacy, identity: id', ''],
  bulk: ['key: id', 'key: legacy, identity: id, constraints: rebuild', ''],
  kept: ['key: id', 'identity: id', ''],
  delta: ['key: id, changed_at: changed', 'key: legacy, identity: id', ''],
  once: ['key: id', 'key: legacy, identity: id, mode: insert', ''],
  replaced: ['key: id', 'key: legacy, identity: id, mode: replace', ''],
  assigned: ['key: id', 'key: legacy, identity: { column: id, strategy: database }', ''],
  child: ['key: id', 'key: legacy, identity: id', ', parent: { from: id, references: plain }'],
  disabled: ['key: id', 'key: legacy, identity: id, triggers: disable', ''],
};

const guarded = (table: string): string =>
  `create table ${table} (id int generated always as identity primary key, legacy int unique, name text, extra text, parent int references plain);
   create trigger guard before insert or update on ${table} for each row execute function guard();`;

const mapping = (table: string, source: string, target: string, columns: string): string => `
source: { table: person, ${source} }
target: { table: ${table}, ${target} }
columns: { legacy: id, ${columns} }
max_rejects: 100%
stop_at: 100%`;

describe('a table whose trigger swallows rows, or changes them', () => {
  it('every swallowed row is a reject by name, however rows come in; what is changed is in the target', () =>
    withProject(
      {
        source: `create table person (id int primary key, name text, changed timestamptz default now() - interval '2 days');
          insert into person select i, case i % 10 when 0 then 'gone' when 1 then 'change' else 'n' || i end from generate_series(1, 60) i; analyze person`,
        target: `create function guard() returns trigger language plpgsql as $$ begin
            if new.name in ('gone', 'away') then return null; end if;
            if new.name = 'change' then new.name := 'changed'; end if; return new; end $$;
          ${[...Object.keys(WAYS), 'shared'].map(guarded).join('\n')}`,
        mappings: {
          ...Object.fromEntries(
            Object.entries(WAYS).map(([name, [source, target, columns]]) => [
              name,
              mapping(name, source, target, `name: name${columns}`),
            ]),
          ),
          first: mapping('shared', 'key: id', 'key: legacy, identity: id, merge: true', 'name: name'),
          second: mapping('shared', 'key: id', 'key: legacy, identity: id, merge: true', 'extra: name'),
        },
        settings: 'defaults: { batch_rows: 8 }',
      },
      async (project) => {
        const run = async (): Promise<Readonly<Record<string, string>>> => {
          const result = await project.run();
          expect(result.exitCode).toBe(0);
          expect(await accountingFaults(project, result)).toEqual([]);
          for (const name of [...Object.keys(WAYS), 'first']) {
            const swallowed = await project.target(
              "select source_key from etl.rejects where run = $1 and mapping = $2 and rule = 'trigger' order by source_key::int",
              [result.run, name],
            );
            const rejected = mappingOf(result, name).rejects.filter(({ rule }) => rule === 'trigger');
            expect([name, rejected.reduce((sum, { count }) => sum + count, 0)]).toEqual([
              name,
              swallowed.length,
            ]);
          }
          // Of one cause, however many rows it stands behind.
          const child = mappingOf(result, 'child').rejects.filter(({ because }) => because !== null);
          expect(child.map(({ because }) => because)).toEqual(['plain: the row, trigger']);
          return Object.fromEntries(
            result.mappings.map((one) => [one.mapping, countsOf(result, one.mapping)]),
          );
        };
        const loaded = 'read 60, inserted 54, rejected 6';
        const inserts = Object.fromEntries(Object.keys(WAYS).map((name) => [name, loaded]));
        expect(await run()).toEqual({
          ...inserts,
          first: loaded,
          second: 'read 60, inserted 6, updated 54',
          disabled: 'read 60, inserted 60',
        });
        const [changed] = await project.target(
          "select count(*)::int n from plain where name = 'changed' and legacy % 10 = 1",
        );
        expect(changed).toEqual({ n: 6 });

        await project.source(`update person set name = 'away', changed = now() where id % 10 = 2;
          update person set name = 'fine', changed = now() where id % 10 = 0;
          insert into person select i, case when i % 2 = 0 then 'gone' else 'new' end, now() from generate_series(61, 64) i`);
        // Six updates and two new rows are swallowed; what a trigger changes is written once more.
        const again = 'read 64, inserted 8, updated 6, unchanged 42, rejected 8';
        expect(await run()).toEqual({
          plain: again,
          ranged: again,
          bulk: again,
          kept: again,
          assigned: again,
          child: again,
          delta: 'read 16, inserted 8, rejected 8',
          once: 'read 64, inserted 8, rejected 56',
          replaced: 'read 64, inserted 56, rejected 8',
          disabled: 'read 64, inserted 4, updated 12, unchanged 48',
          first: 'read 64, inserted 2, updated 12, unchanged 42, rejected 8',
          second: 'read 64, inserted 2, updated 14, unchanged 48',
        });
        const [kept] = await project.target("select count(*)::int n from plain where name = 'n2'");
        expect(kept).toEqual({ n: 1 });
      },
    ));

  it('that makes another key or id of a row is found by the checks', () =>
    withProject(
      {
        source:
          'create table item (id int primary key, n int); insert into item select i, i from generate_series(1, 20) i',
        target: `create function moves() returns trigger language plpgsql as $$ begin new.id := new.id + 1000; return new; end $$;
          create function renames() returns trigger language plpgsql as $$ begin if new.legacy = 7 then new.legacy := null; end if; return new; end $$;
          create table moved (id int generated by default as identity primary key, legacy int unique);
          create trigger t before insert on moved for each row execute function moves();
          create table kept (id int generated by default as identity primary key, n int);
          create trigger t before insert on kept for each row execute function moves();
          create table renamed (id int generated by default as identity primary key, legacy int unique);
          create trigger t before insert on renamed for each row execute function renames();
          create table child (id int primary key, parent int)`,
        mappings: {
          moved:
            'source: { table: item, key: id }\ntarget: { table: moved, key: legacy, identity: { column: id, strategy: sequence } }\ncolumns: { legacy: id }',
          kept: 'source: { table: item, key: id }\ntarget: { table: kept, identity: { column: id, strategy: sequence } }\ncolumns: { n: n }',
          renamed:
            'source: { table: item, key: id }\ntarget: { table: renamed, key: legacy, identity: id }\ncolumns: { legacy: id }',
          child:
            'source: { table: item, key: id }\ntarget: { table: child, key: id }\ncolumns: { id: id, parent: { from: n, references: moved } }',
        },
      },
      async (project) => {
        const result = await project.run();
        expect(result.exitCode).toBe(5);
        const failed = result.mappings.map(({ mapping, checks }) => [
          mapping,
          checks.flatMap(({ check, status }) => (status === 'failed' ? [check] : [])),
        ]);
        expect(Object.fromEntries(failed)).toEqual({
          moved: [],
          kept: ['row_count'],
          renamed: ['row_count'],
          child: ['references parent'],
        });
      },
    ));
});
