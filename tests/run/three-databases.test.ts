import { cpSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { sampleRows } from '../../engine/cli/diff/sample.js';
import { loadSides } from '../../engine/cli/diff/sides.js';
import { diffProjects } from '../../engine/diff/diff.js';
import { loadParser, SqlTrees } from '../../engine/sql/index.js';
import { temporaryRoot } from '../diff/sides.js';
import { checkFolder } from '../support/check.js';
import { createDatabases, query } from '../support/database.js';
import { accountingFaults, countsOf, mappingOf, projectIn } from '../support/project.js';

const QUIET = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };

/** Each database has a table of this name; what it says tells which one was asked. */
const code = (where: string): string =>
  `create table code (k text primary key, v text); insert into code values ('a', '${where} a'), ('b', '${where} b');`;
const rows = (table: string): string =>
  `create table ${table} (id int primary key, c text, at timestamptz default '2026-01-01');
   insert into ${table} select i, case when i % 2 = 0 then 'a' else 'b' end from generate_series(1, 40) i;`;
const thing = (name: string): string =>
  `create table ${name} (id int primary key, plain text, elsewhere text, target text);`;

const mapping = (name: string, connection: string): string => `
source: { connection: ${connection}, table: ${name}, key: id, changed_at: { column: at, overlap: 0s }, partition: { rows: 10 } }
target: { table: ${name}, key: id }
columns:
  id: id
  plain: { from: c, lookup: { table: code, key: k, value: v } }
  elsewhere: { from: c, lookup: { connection: codes, query: 'select k, v from code', key: k, value: v } }
  target: { from: c, lookup: { connection: target, table: code, key: k, value: v } }
checks: [content]
`;

it('look-ups are read from the connection that they name, in every command', async () => {
  const databases = await createDatabases();
  const third = await createDatabases();
  const project = await projectIn(databases, {
    source: `${code('source')} ${rows('item')}`,
    target: `${code('target')} ${thing('item')} ${thing('part')}`,
    mappings: { item: mapping('item', 'source'), part: mapping('part', 'codes') },
    settings: `  codes: { url: '${third.source}' }`,
  });
  try {
    await query(
      third.sourceAdmin,
      `${code('codes')} ${rows('part')} grant select on all tables in schema public to public`,
    );
    const said = `select distinct plain, elsewhere, target from item union select distinct plain, elsewhere, target from part order by 1`;
    const wanted = ['a', 'b'].map((c) => ({
      plain: `source ${c}`,
      elsewhere: `codes ${c}`,
      target: `target ${c}`,
    }));

    expect(
      (await checkFolder(project.folder)).findings.filter(({ severity }) => severity === 'error'),
    ).toEqual([]);
    const rehearsed = await project.run({ dryRun: true });
    expect([rehearsed.status, await project.target('select 1 from item')]).toEqual(['succeeded', []]);
    const result = await project.run();
    expect([result.status, await accountingFaults(project, result)]).toEqual(['succeeded', []]);
    expect(await project.target(said)).toEqual(wanted);
    const { mappings } = await project.verify();
    expect(mappings.flatMap(({ checks }) => checks.filter(({ status }) => status === 'failed'))).toEqual([]);

    // A line of another database's look-up that is new makes a later run read everything again.
    expect(countsOf(await project.run(), 'item')).toBe('');
    await query(third.sourceAdmin, `update code set v = 'new a' where k = 'a'`);
    const again = await project.run();
    expect([countsOf(again, 'item'), mappingOf(again, 'part').updated]).toEqual([
      'read 40, updated 20, unchanged 20',
      20,
    ]);

    const traced = await project.spawn(['part', '2', '--json'], 'trace').ended;
    expect([traced.code, traced.output]).toEqual([
      0,
      expect.stringMatching(/"source a"[^]*"new a"[^]*"target a"/),
    ]);
    const planned = await project.spawn(['--explain'], 'plan').ended;
    expect([planned.code, planned.output]).toEqual([0, expect.stringContaining('part')]);

    const root = temporaryRoot();
    cpSync(project.folder, path.join(root, 'base'), { recursive: true });
    await project.write(
      'item',
      mapping('item', 'source').replace('select k, v from', 'select k, upper(v) v from'),
    );
    const base = { folder: path.join(root, 'base') };
    const sides = await loadSides({ folder: project.folder, base, head: null }, QUIET);
    const diff = diffProjects(sides.base, sides.head, new SqlTrees(await loadParser()));
    const { sample, notes } = await sampleRows(
      project.folder,
      sides,
      diff,
      { rows: 10, embedded: false },
      QUIET,
    );
    await sides.close();
    const cells = sample.flatMap(({ columns }) =>
      columns.flatMap(({ column, examples }) => examples.map((one) => ({ column, ...one }))),
    );
    expect([notes, cells]).toEqual([
      [],
      expect.arrayContaining([
        expect.objectContaining({ column: 'elsewhere', before: 'new a', after: 'NEW A' }),
      ]),
    ]);
  } finally {
    await project.drop();
    await third.drop();
  }
}, 120_000);
