import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reply } from './reply.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
};

/** Where the page was built. */
export const PAGE = fileURLToPath(new URL('../../reports/dashboard/', import.meta.url));

/**
 * The page's files by the path that they are asked for under, read once: a request names an entry of this table or nothing, so
 * that no path leads out of the folder. `/` is index.html, with its modules.
 */
export function readAssets(folder: string): ReadonlyMap<string, Reply> {
  const assets = new Map<string, Reply>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const type = TYPES[path.extname(name)];
    if (type === undefined) continue;
    const reply = { status: 200, type, body: readFileSync(path.join(folder, name)) };
    assets.set(`/${name.split(path.sep).join('/')}`, reply);
  }
  const index = assets.get('/index.html');
  if (index !== undefined) assets.set('/', { ...index, body: withModules(index.body, [...assets.keys()]) });
  return assets;
}

/** Modules that import each other six deep would be found one level after the other: the page names all of them at once. */
const withModules = (page: string | Buffer, paths: readonly string[]): string =>
  page.toString().replace(
    '</head>',
    paths
      .filter((name) => name.endsWith('.js'))
      .map((name) => `<link rel="modulepreload" href="${name}">`)
      .join('') + '</head>',
  );
