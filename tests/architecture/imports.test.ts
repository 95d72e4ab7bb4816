import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const cruiser = here('../../node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { from: string; to: string; rule: { name: string } }[];
  };
}

/** Cruises rooms of `folder` as `npm run check` does; `found` holds each violation as `rule: from → to`. */
async function cruise(
  folder: string,
  rooms: readonly string[],
): Promise<{ modules: number; found: string[] }> {
  const output = await new Promise<string>((resolve, reject) => {
    const args = [cruiser, ...rooms, '--config', here('dependency-cruiser.cjs'), '--output-type', 'json'];
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout) => {
      // The exit code counts violations; only a cruiser that printed nothing has failed.
      if (stdout === '' && error) reject(new Error('dependency-cruiser failed', { cause: error }));
      else resolve(stdout);
    });
  });
  const { summary } = JSON.parse(output) as Cruise;
  return {
    modules: summary.totalCruised,
    found: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).sort(),
  };
}

describe('imports point one way', () => {
  test('the real tree keeps the directions', async () => {
    const { modules, found } = await cruise(here('../..'), ['engine', 'validators', 'reports']);
    expect(found).toEqual([]);
    expect(modules).toBeGreaterThan(0);
  });

  test('each planted violation is reported, by each kind of rule', async () => {
    const { found } = await cruise(here('planted'), ['engine', 'reports']);
    // Which of a package's files an import leads to is the package's own affair.
    const shown = found.map((line) => line.replaceAll('../', '').replace(/(node_modules\/[^/]+).*/, '$1'));
    expect(shown).toEqual([
      'contract-is-alone: engine/contract/imports.ts → node_modules/yaml',
      'no-cycles: engine/graph/one.ts → engine/graph/two.ts',
      'no-one-imports-cli: engine/postgres/reader.ts → engine/cli/main.ts',
      'no-one-imports-the-page: engine/cli/main.ts → reports/dashboard/page.ts',
      'no-undeclared-package: reports/html.ts → node_modules/vitest',
      'no-unresolved: reports/html.ts → ./nothing.js',
      'pure-does-no-io: engine/plan/imports-driver.ts → fs',
      'pure-knows-no-driver: engine/plan/imports-driver.ts → node_modules/pg',
      'room:engine/plan: engine/plan/imports-driver.ts → engine/postgres/reader.ts',
      'room:engine/postgres: engine/postgres/reader.ts → engine/cli/main.ts',
      'the-page-runs-in-a-browser: reports/dashboard/page.ts → fs',
    ]);
  });
});
