import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CHECKOUT } from '../cli/etl.js';
import { createDatabases, query } from '../support/database.js';

const build = (...words: readonly string[]): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    const { PATH, HOME } = process.env;
    const script = path.join(CHECKOUT, 'tests/clinic/build.mjs');
    execFile(process.execPath, [script, ...words], { env: { PATH, HOME } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr });
    });
  });

test('npm run clinic: two empty databases of one’s own, and no others', { timeout: 240_000 }, async () => {
  const databases = await createDatabases();
  const { sourceAdmin, targetAdmin } = databases;
  try {
    const refused: readonly (readonly [RegExp, ...(readonly string[])])[] = [
      [/no target database: give --target/, '--source', sourceAdmin],
      [
        /^connection "target": .* unknown \(--target\)\n$/,
        '--source',
        sourceAdmin,
        '--target',
        `${sourceAdmin}?x=y`,
      ],
      [/are one database/, '--source', sourceAdmin, '--target', `${sourceAdmin}?connect_timeout=9`],
    ];
    for (const [words, ...flags] of refused) {
      expect(await build(...flags)).toEqual({ code: 2, said: expect.stringMatching(words) as string });
    }
    const both = ['--source', sourceAdmin, '--target', targetAdmin];
    await query(targetAdmin, 'create view left_over as select 1');
    expect(await build(...both)).toEqual({
      code: 2,
      said: expect.stringMatching(
        /target database .* is not empty: left_over\. .*nothing was done/,
      ) as string,
    });
    expect(
      await query(sourceAdmin, `select count(*)::int from pg_class where relname = 'auth_user'`),
    ).toEqual([{ count: 0 }]);
    await query(targetAdmin, 'drop view left_over');

    const { code, said } = await build(...both, '--seed', '7');
    expect(code, said).toBe(0);
    expect(said).toMatch(/source: .* tables, 2\d,\d{3} rows\ntarget: .* \d+ tables, 0 rows/);
    expect(said).toContain('npx etl run mappings/');
    expect(said).not.toContain(new URL(targetAdmin).password);
    expect((await build(...both)).said).toMatch(/source database .* is not empty: .* and \d+ more/);
  } finally {
    await databases.drop();
  }
});
