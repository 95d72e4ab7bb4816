import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** The long one is `npm run soak`. */
it('five kills at seeded moments leave what an undisturbed run leaves', { timeout: 300_000 }, async () => {
  const words = ['--kills', '5', '--rows', '2000', '--seed', '20261122'];
  const { stdout } = await promisify(execFile)(process.execPath, [
    path.resolve('tests/faults/soak.mjs'),
    ...words,
  ]);
  expect(stdout.match(/, as undisturbed/g)?.length ?? 0).toBeGreaterThan(1);
});
