import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFolder } from '../support/check.js';
import { createPlatforms, type Platforms } from '../support/platforms.js';
import { countsOf, projectIn, type TestProject } from '../support/project.js';
import { MAPPINGS, missing, SOURCE, TARGET, type Missing } from './missing.js';

let platforms: Platforms;
let project: TestProject;
let cases: readonly Missing[];

beforeAll(async () => {
  platforms = await createPlatforms({ bypassesPolicies: true });
  const { databases, roles } = platforms;
  project = await projectIn(databases, { mappings: MAPPINGS });
  await project.source(SOURCE(roles));
  await project.target(TARGET(roles));
  const nameOf = (url: string): string => new URL(url).pathname.slice(1);
  cases = missing(roles, { source: nameOf(databases.source), target: nameOf(databases.target) });
}, 60_000);

afterAll(() => project.drop());

const NAMES = missing(
  { master: '', reader: '', writer: '', admin: '', auth: '' },
  { source: '', target: '' },
);

/** What a run could have written. */
const MARKS = `select (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'etl') state,
  (select json_agg(o.*) from orders o) orders, (select json_agg(p.*) from profiles p) profiles`;

describe('what is missing is named with its cure, nothing is written without it, and the cure is enough', () => {
  it('all there', async () => {
    const report = await checkFolder(project.folder);
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.findings.find(({ code }) => code === 'ETL-CHECK-027')?.help).toBe(
      `grant select on "public"."customer" to "${platforms.roles.reader}"`,
    );
    expect(countsOf(await project.run(), 'profiles')).toBe('read 3, inserted 2, rejected 1');
  });

  it.each(NAMES.map(({ name }) => name))('%s', async (name) => {
    const { on, take, code, says, cure } = cases.find((one) => one.name === name) as Missing;
    await project[on](take);
    const before = await project.target(MARKS);
    const found = (await checkFolder(project.folder)).findings.filter((one) => one.code === code);
    expect(found.map(({ help }) => help)).toContain(cure);
    expect(found.map(({ message }) => message).join('\n')).toMatch(says);
    await expect(project.run()).rejects.toThrow(says);
    expect(await project.target(MARKS)).toEqual(before);
    await project[on](found[0]?.help ?? '');
    const after = await checkFolder(project.folder);
    expect(after.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const result = await project.run();
    expect([result.status, countsOf(result, 'orders')]).toEqual([
      'succeeded',
      expect.stringMatching(/^read 2, (inserted 2|unchanged 2)$/),
    ]);
  });
});
