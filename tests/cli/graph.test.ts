import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { etl, project, CHECKOUT } from './etl.js';

test('graph: the clinic as Mermaid, its neighbourhood, its lineage', async () => {
  const clinic = async (...flags: string[]): Promise<string> => {
    const { code, stdout, stderr } = await etl(['graph', 'mappings', ...flags], { cwd: CHECKOUT });
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  const mermaid = await clinic();
  for (const line of [
    'subgraph p0["core"]',
    'm6 -.->|"default_patient_id"| m0',
    'm10 -.->|"parent_id"| m10',
  ]) {
    expect(mermaid).toContain(line);
  }
  const json = JSON.parse(await clinic('--select', 'cases', '--format', 'json')) as Record<string, unknown>;
  expect(json).toMatchObject({
    version: 1,
    mappings: [{ mapping: 'orders', selected: false }, { mapping: 'cases', selected: true, phase: 'business' }, { mapping: 'tasks' }],
    edges: [
      { from: 'cases', to: 'orders', kind: 'reference', column: 'order_id', second_pass: false, file: 'mappings/business/cases.yaml' },
      { from: 'tasks', to: 'cases', column: 'case_id' },
    ],
  }); // prettier-ignore
  expect(json['lineage']).toContainEqual({
    ...{ mapping: 'cases', column: 'priority', from: ['priority'], sql: [], made: [], resolvers: [] },
    ...{ steps: ['collapse_whitespace', 'lower', 'replace', 'empty_to_null'], has_default: true, line: 19 },
  });
  expect(await clinic('--select', 'patients', '--format', 'lineage')).toMatch(
    /^patients: dispatch_patient → patients\n[^]*gender_id +← gender → references genders → default\n/,
  );
}, 60_000);

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
