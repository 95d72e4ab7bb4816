/**
 * Last step of the build: makes `npx etl` work in the checkout itself. tsc writes main.js without the executable
 * bit, and without a link of our own npx installs the checkout into its cache first (3 s, and for ever broken
 * where the first call came before the build).
 */
import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';

const main = 'dist/engine/cli/main.js';
const link = 'node_modules/.bin/etl';

chmodSync(main, 0o755);
// What of the dashboard's page needs no compiler.
cpSync('reports/dashboard', 'dist/reports/dashboard', {
  recursive: true,
  filter: (name) => !name.endsWith('.ts') && !name.endsWith('tsconfig.json'),
});
if (process.platform !== 'win32') {
  mkdirSync('node_modules/.bin', { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(`../../${main}`, link);
}
