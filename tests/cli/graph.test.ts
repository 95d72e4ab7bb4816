import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { etl, project, CHECKOUT } from './etl.js';

test('graph: the clinic as Mermaid, its neighbourhood, its lineage', async () => {
  const clinic = async (...flags: string[]): Promise<string> => {
    const { code, stdout, stderr } = await etl(['graph', 'mappings', ...flags], { cwd: CHECKOUT });
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  const mermaid = await clinic();
  const node = (name: string): string => new RegExp(`(m\\d+)\\["${name}"\\]`).exec(mermaid)?.[1] ?? name;
  for (const line of [
    'subgraph p0["core"]',
    `${node('patients')} -.->|"default_patient_id"| ${node('doctors')}`,
    `${node('tasks')} -.->|"parent_id"| ${node('tasks')}`,
  ]) {
    expect(mermaid).toContain(line);
  }
  interface Neighbourhood {
    readonly mappings: readonly Record<string, unknown>[];
    readonly edges: readonly Record<string, unknown>[];
  }
  const json = JSON.parse(await clinic('--select', 'cases', '--format', 'json')) as Record<string, unknown> &
    Neighbourhood;
  expect(json['version']).toBe(1);
  const selected = json.mappings.map(({ mapping, selected, phase }) => [mapping, selected, phase]);
  expect(selected).toContainEqual(['orders', false, 'core']);
  expect(selected).toContainEqual(['cases', true, 'business']);
  expect(selected).toContainEqual(['tasks', false, 'business']);
  expect(selected.map(([mapping]) => mapping)).not.toContain('payments');
  const edges = json.edges.map(({ from, to, kind, column, second_pass, file }) =>
    [from, to, kind, column, second_pass, file].join(' '),
  );
  expect(edges).toContain('cases orders reference order_id false mappings/business/cases.yaml');
  expect(edges).toContain('tasks cases reference case_id false mappings/business/tasks.yaml');
  expect(edges.filter((edge) => !/\bcases\b/.test(edge))).toEqual([]);
  const schema = await readFile(path.join(CHECKOUT, 'docs/schema/v1/graph.schema.json'), 'utf8');
  const isGraph = new Ajv2020({ allErrors: true }).compile(JSON.parse(schema) as object);
  expect(isGraph(json), JSON.stringify(isGraph.errors)).toBe(true);
  expect(json['lineage']).toContainEqual({
    ...{ mapping: 'cases', column: 'priority', from: ['priority'], sql: [], made: [], resolvers: [] },
    ...{ base: ['dispatch_case.priority'], computed: false },
    ...{ steps: ['collapse_whitespace', 'lower', 'replace', 'empty_to_null'], has_default: true, line: 19 },
  });
  expect(await clinic('--select', 'patients', '--format', 'lineage')).toMatch(
    /^patients: dispatch_patient → patients\n[^]*gender_id +← gender → references genders → default\n/,
  );
  expect(await clinic('--lineage', 'tasks.is_billable')).toBe(
    'tasks: query → tasks\n  is_billable  ← sql(coalesce(price > 0, false) and kind <> 8) [computed from dispatch_task.price, dispatch_task.kind]\n',
  );
  const near = JSON.parse(await clinic('--around', 'cases', '--depth', '2', '--json')) as {
    readonly mappings: readonly { readonly mapping: string; readonly selected: boolean }[];
  };
  expect(near.mappings.filter(({ selected }) => selected).map(({ mapping }) => mapping)).toEqual(
    expect.arrayContaining(['orders', 'cases', 'tasks']),
  );
}, 120_000);

test('graph: 400 mappings as one SVG', async () => {
  const files: Record<string, string> = {
    'etl.yaml':
      'version: 1\nproject: many\nconnections: { source: { url: "${A}" }, target: { url: "${A}" } }\n',
  };
  for (let n = 0; n < 400; n++) {
    const parent = `p_id: { from: p, references: t${String(Math.floor(n / 3))} }`;
    files[`t${String(n)}.yaml`] =
      `source: { table: "s<&${String(n)}", key: id }\ntarget: { table: t${String(n)}, key: old, identity: id }\ncolumns: { old: id, ${parent} }\n`;
  }
  const folder = await project(files);
  const { code, stderr } = await etl([
    'graph',
    folder,
    '--format',
    'svg',
    '--out',
    path.join(folder, 'g.svg'),
  ]);
  expect([code, stderr]).toEqual([0, '']);
  const svg = await readFile(path.join(folder, 'g.svg'), 'utf8');
  expect(svg.match(/class="node"/g)).toHaveLength(400);
  expect(svg.match(/class="edge"/g)).toHaveLength(400);
  expect(svg).toContain('s&lt;&amp;399 → t399');
}, 120_000);
