import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { etl, temporary } from './etl.js';

test('init: a project that is valid and whose tests pass; nothing is overwritten', async () => {
  const folder = await temporary();
  const made = await etl(['init', 'My shop'], { cwd: folder });
  expect([made.code, made.stderr]).toEqual([0, '']);
  expect(made.stdout).toContain('made My shop/customers.yaml');
  const read = (file: string): Promise<string> => readFile(path.join(folder, 'My shop', file), 'utf8');
  expect(await read('etl.yaml')).toContain('project: my-shop\n');
  expect(JSON.parse(await read('.schema/mapping.schema.json'))).toHaveProperty('$id');
  expect(await etl(['validate', 'My shop'], { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
  const tested = await etl(['test', 'My shop', '--quiet'], { cwd: folder });
  expect([tested.code, tested.stdout]).toEqual([0, expect.stringContaining('1 test passed')]);

  await writeFile(path.join(folder, 'My shop/etl.yaml'), 'mine');
  const again = await etl(['init', 'My shop'], { cwd: folder });
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringContaining('etl.yaml, My shop/customers.yaml'),
  ]);
  expect(await read('etl.yaml')).toBe('mine');
}, 120_000);
