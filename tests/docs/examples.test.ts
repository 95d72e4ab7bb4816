import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CHECKOUT, etl, temporary } from '../cli/etl.js';

const FIRST = path.join(CHECKOUT, 'docs/examples/first');

interface Summary {
  readonly exit_code: number;
  readonly mappings: readonly { readonly mapping: string; readonly [count: string]: unknown }[];
}

async function run(folder: string): Promise<{ code: number | null; counts: Record<string, string> }> {
  const { code, stdout, stderr } = await etl(['run', '.', '--embedded', '--json'], { cwd: folder });
  expect(stdout, stderr).not.toBe('');
  const { mappings } = JSON.parse(stdout) as Summary;
  const counts = mappings.map((m): [string, string] => {
    const { read, inserted, unchanged, skipped, rejected } = m;
    return [m.mapping, [read, inserted, unchanged, skipped, rejected].map(String).join(' ')];
  });
  return { code, counts: Object.fromEntries(counts) };
}

test('docs/first-migration.md: exit 4 for two bad orders, 0 when they are allowed, and a second run changes nothing', async () => {
  const folder = await temporary('crosswalk-first-');
  await cp(FIRST, folder, { recursive: true });
  const orders = path.join(folder, 'orders.yaml');
  const allowed = await readFile(orders, 'utf8');
  await writeFile(orders, allowed.replace(/^max_rejects: .*\n/m, ''));
  expect(await run(folder)).toEqual({ code: 4, counts: { customers: '5 4 0 1 0', orders: '6 4 0 0 2' } });
  await writeFile(orders, allowed);
  expect(await run(folder)).toEqual({ code: 0, counts: { customers: '5 0 4 1 0', orders: '6 0 4 0 2' } });
}, 180_000);

test.each([
  { page: 'README.md', file: 'orders.yaml' },
  { page: 'docs/first-migration.md', file: 'etl.yaml' },
  { page: 'docs/first-migration.md', file: 'customers.yaml' },
  { page: 'docs/first-migration.md', file: 'orders.yaml' },
])('$page shows $file as it is', async ({ page, file }) => {
  const text = await readFile(path.join(CHECKOUT, page), 'utf8');
  const shown = await readFile(path.join(FIRST, file), 'utf8');
  expect(text).toContain('```yaml\n' + shown + '```');
});
