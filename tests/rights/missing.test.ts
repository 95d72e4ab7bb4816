import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProject } from '../../engine/cli/project.js';
import { outline } from '../../engine/compile/outline.js';
import { graphDot } from '../../reports/graph/dot.js';
import { graphMermaid } from '../../reports/graph/mermaid.js';
import { checkFolder } from '../support/check.js';
import { createPlatforms, type Platforms } from '../support/platforms.js';
import { countsOf, projectIn, type TestProject } from '../support/project.js';
import { MAPPINGS, missing, SOURCE, TARGET, type Missing } from './missing.js';

const QUIET = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };

let platforms: Platforms;
let project: TestProject;
let groups: readonly (readonly Missing[])[];

beforeAll(async () => {
  platforms = await createPlatforms({ bypassesPolicies: true });
  const { databases, roles } = platforms;
  project = await projectIn(databases, { mappings: MAPPINGS });
  await project.source(SOURCE(roles));
  await project.target(TARGET(roles));
  const nameOf = (url: string): string => new URL(url).pathname.slice(1);
  groups = missing(roles, { source: nameOf(databases.source), target: nameOf(databases.target) });
}, 60_000);

afterAll(() => project.drop());

const NAMES = missing(
  { master: '', reader: '', writer: '', admin: '', auth: '' },
  { source: '', target: '' },
);

/** What a run could have written. */
const MARKS = `select (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'etl') state,
  (select json_agg(o.*) from orders o) orders, (select json_agg(p.*) from profiles p) profiles`;

it('the graph shows tables of others', async () => {
  const { project: files } = await readProject(project.folder, 'none', QUIET);
  const graph = outline(files, new Set(['profiles']));
  expect(graph.outside.map(({ connection, table, column }) => `${connection} ${table} ${column}`)).toEqual([
    'target auth.users id',
    'source region region',
  ]);
  expect(graphMermaid(graph)).toContain('o0[("target: auth.users")]\n  o0 -->|"id"| m');
  expect(graphDot(graph)).toContain('"outside:target: auth.users" -> "profiles" [label="id"');
});

describe('what is missing is named with its cure, nothing is written without it, and the cure is enough', () => {
  it('all there', async () => {
    const report = await checkFolder(project.folder);
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.findings.find(({ code }) => code === 'ETL-CHECK-027')?.help).toBe(
      `grant select on "public"."customer" to "${platforms.roles.reader}"`,
    );
    const result = await project.run();
    expect(countsOf(result, 'profiles')).toBe('read 3, inserted 2, rejected 1');
    expect(await project.target(`select id, email, region from profiles order by legacy_id`)).toEqual([
      { id: '00000000-0000-4000-8000-000000000001', email: 'ann@example.com', region: 'Germany' },
      { id: '00000000-0000-4000-8000-000000000002', email: 'bob@example.com', region: 'France' },
    ]);
    // The value that stands in nobody's row is somebody's address.
    const rejects = await project.target('select source_key, column_name, rule, value, row from etl.rejects');
    expect(rejects).toMatchObject([{ source_key: '3', column_name: 'id', rule: 'lookup' }]);
    expect(JSON.stringify(rejects)).not.toContain('eve@example.com');
    expect((await project.verify()).mappings.map(({ status }) => status)).not.toContain('failed');
  });

  it.each(NAMES.map((group, n) => ({ n, names: group.map(({ name }) => name).join('; ') })))(
    '$names',
    async ({ n }) => {
      const group = groups[n] ?? [];
      for (const { on, take } of group) await project[on](take);
      const before = await project.target(MARKS);
      const { findings } = await checkFolder(project.folder);
      const words = await project.run().then(
        () => 'it ran',
        (error: unknown) => String(error),
      );
      expect(await project.target(MARKS)).toEqual(before);
      for (const { code, says, cure, on } of group) {
        const found = findings.filter((one) => one.code === code && says.test(one.message));
        expect(
          found.map(({ help, severity }) => [severity, help]),
          words,
        ).toContainEqual(['error', cure]);
        await project[on](found[0]?.help ?? '');
      }
      // Of several the run has said at least the first that was in its way.
      expect(
        group.filter(({ says }) => says.test(words)),
        words,
      ).not.toEqual([]);
      const result = await project.run();
      expect([result.status, countsOf(result, 'orders')]).toEqual([
        'succeeded',
        expect.stringMatching(/^read 2, (inserted 2|unchanged 2)$/),
      ]);
    },
  );
});
