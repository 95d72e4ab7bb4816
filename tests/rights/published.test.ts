import { expect, it } from 'vitest';
import { checkFolder } from '../support/check.js';
import { accountingFaults, withProject, type ProjectFiles } from '../support/project.js';
import { lines, rollback } from '../support/rollback.js';

const plain = (name: string, target = `table: ${name}, key: legacy`): string =>
  `source: { table: ${name}, key: id }\ntarget: { ${target} }\ncolumns: { legacy: id, name: name }`;

/** Published tables without a replica identity, and what must not be taken for one: a key, an index, other publications. */
const FILES: ProjectFiles = {
  source: `do $$ declare name text; begin foreach name in array '{tree,part,gone,log,keyed,indexed,quiet}'::text[] loop
      execute format('create table %1$I (id int primary key, up int, name text); insert into %1$I select i, nullif(i + 1, 4), ''n'' || i from generate_series(1, 3) i', name);
    end loop; end $$`,
  target: `create table tree (id int generated always as identity unique, legacy int unique, name text, up int);
    create table part (legacy int unique, name text) partition by range (legacy); create table part_1 partition of part for values from (0) to (9);
    create table gone (legacy int unique, name text);
    create table log (legacy int unique, name text);
    create table keyed (legacy int primary key, name text);
    create table indexed (legacy int not null unique, name text); alter table indexed replica identity using index indexed_legacy_key;
    create table quiet (legacy int unique, name text)`,
  mappings: {
    tree: 'source: { table: tree, key: id }\ntarget: { table: tree, key: legacy, identity: id }\ncolumns: { legacy: id, name: name, up: { from: up, references: tree } }',
    part: plain('part'),
    gone: plain('gone', 'table: gone, mode: replace, key: legacy'),
    log: plain('log'),
    keyed: plain('keyed'),
    indexed: plain('indexed'),
    quiet: plain('quiet'),
  },
};
const PUBLISH = `create publication web for table tree, part, gone, log, keyed, indexed; create publication inserts for table quiet with (publish = 'insert')`;

it('a published table whose rows nothing identifies is named before anything is written, and the cure is enough', () =>
  withProject(FILES, async (project) => {
    await project.target(PUBLISH);
    const told = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
      const { findings } = await checkFolder(project.folder);
      return new Map(
        findings
          .filter(({ code }) => code === 'ETL-CHECK-037')
          .map(({ subject, severity, help }) => [subject.replace('mapping ', ''), [severity, help ?? '']]),
      );
    };
    const found = await told();
    const cure = (table: string): string => `alter table public.${table} replica identity full`;
    expect(Object.fromEntries(found)).toEqual({
      tree: ['error', cure('tree')],
      gone: ['error', cure('gone')],
      part: ['warning', cure('part_1')],
      log: ['warning', cure('log')],
    });
    await expect(project.run()).rejects.toThrow(
      /ETL-CHECK-037 tree is published \(web\) without a replica identity/,
    );
    expect(await project.target("select 1 from pg_namespace where nspname = 'etl'")).toEqual([]);

    // Where a run has nothing to update it is not kept from its work; a rollback leaves all as it is, and says why.
    const some = ['part', 'log', 'keyed', 'indexed', 'quiet'];
    expect((await project.run({ select: some })).status).toBe('succeeded');
    await expect(rollback(project)).rejects.toThrow(/replica identity/);
    expect(await project.target('select count(*)::int n from log')).toEqual([{ n: 3 }]);

    for (const [, [, help = '']] of found) await project.target(help);
    expect((await told()).size).toBe(0);
    await project.source(`update log set name = 'new' where id = 1`);
    const result = await project.run({ fresh: true });
    expect([result.status, await accountingFaults(project, result)]).toEqual(['succeeded', []]);
    expect(await project.target('select count(*)::int n from tree where up is not null')).toEqual([{ n: 2 }]);
    expect(lines(await rollback(project))).toContain('log: restored 1');
    await rollback(project);
    expect(await project.target('select 1 from log')).toEqual([]);
    await project.target('drop publication web; drop publication inserts');
  }));
