import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHECKOUT, etl } from '../cli/etl.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-unit-'));
  await chmod(folder, 0o755);
  await cp(path.join(CHECKOUT, 'mappings'), path.join(folder, 'mappings'), {
    recursive: true,
    filter: (file) => path.basename(file) !== '.etl',
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const unit = (...flags: string[]): ReturnType<typeof etl> =>
  etl(['test', 'mappings/', ...flags], { cwd: folder });

test('the unit tests of the clinic’s mappings', async () => {
  const { code, stdout, stderr } = await unit('--json');
  const { failed, passed, untested } = JSON.parse(stdout) as Record<string, unknown>;
  expect([code, failed, untested], stdout + stderr).toEqual([0, 0, ['genders', 'languages']]);
  expect(passed).toBeGreaterThan(15);
  expect((await etl(['validate', 'mappings/'], { cwd: folder })).code).toBe(0);

  // A changed mapping fails them; a changed schema is built again.
  const file = path.join(folder, 'mappings/core/roles.yaml');
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace('[trim, lower]', '[trim]').replace('^[a-z_]+$', '^\\w+$'),
  );
  const schema = path.join(folder, 'mappings/schema/target/core.sql');
  await writeFile(schema, (await readFile(schema, 'utf8')).replace('check (code = lower(code))', ''));
  const wrong = await unit('--select', 'roles', '--format', 'github');
  expect(wrong.code).toBe(5);
  expect(wrong.stdout).toContain(
    '::error file=mappings/core/roles.test.yaml,line=1,col=9,title=roles%3A ids are kept',
  );
  expect(wrong.stdout).toContain('%0A    code  - admin%0A          + ADMIN');
  const none = await unit('--filter', 'nothing like it');
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no test has "nothing like it"')]);
}, 480_000);
