import { readdir, rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { TestProject } from '../support/project.js';
import { everything } from './everything.js';
import { NAME_CASES } from './names.js';

/** Carries a command out in a project. @throws where it ends with another exit code than 0 */
async function command(project: TestProject, name: string, ...args: string[]): Promise<string> {
  const { code, output } = await project.spawn(args, name).ended;
  expect([name, code, output]).toEqual([name, 0, expect.any(String)]);
  return output;
}

it('names that need quoting: preflight, plan, scaffold, and what that has written runs', async () => {
  const project = await everything(NAME_CASES);
  try {
    expect(await command(project, 'check', '--json')).not.toMatch(/"severity": ?"error"/);
    expect(await command(project, 'trace', 'name 0', '3')).toMatch(/name 0/);
    for (const file of await readdir(project.folder))
      if (file !== 'etl.yaml') await rm(`${project.folder}/${file}`, { recursive: true });
    const { source, target } = project.databases;
    await project.write(
      'etl',
      `version: 1\nproject: scaffolded\nconnections: { source: { url: "${source}" }, target: { url: "${target}" } }\ndefaults: { max_rejects: 100%, stop_at: 100% }\n`,
    );
    // Which source column fills it no scaffold can tell.
    await project.target(
      `do $$ declare t text; begin for t in select attrelid::regclass::text from pg_attribute join pg_class c on c.oid = attrelid
         where attname = 'Code' and relkind = 'r' loop execute 'alter table ' || t || ' alter "Code" drop not null'; end loop; end $$`,
    );
    await command(project, 'scaffold');
    const drafts = (await readdir(project.folder)).filter(
      (file) => file.endsWith('.yaml') && file !== 'etl.yaml',
    );
    expect(drafts).toHaveLength(NAME_CASES.length);
    await command(project, 'plan');
    const result = await project.run();
    const loaded = result.mappings.map(({ read, inserted, rejected }) => [read, inserted + rejected]);
    expect(loaded.map(([read]) => read).sort()).toEqual(
      NAME_CASES.map(({ counts }) => Number(/\d+/.exec(counts)?.[0])).sort(),
    );
    for (const [read, explained] of loaded) expect(explained).toBe(read);
  } finally {
    await project.drop();
  }
}, 120_000);
