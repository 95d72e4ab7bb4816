import path from 'node:path';
import { maskSecrets } from '../contract/secrets.js';
import type { SiteFiles } from './site.js';

/** A file of the project by the name that a run knew it under: its working directory may have been another one. */
export function textOf(
  { texts }: SiteFiles,
  file: string | null,
): { readonly file: string; readonly text: string } | null {
  if (file === null) return null;
  const exact = texts.get(file);
  if (exact !== undefined) return { file, text: exact };
  const parts = file.split('/');
  const alike = [...texts].filter(([name]) => path.posix.basename(name) === parts.at(-1));
  const [best] = alike.sort(([a], [b]) => common(b.split('/'), parts) - common(a.split('/'), parts));
  return best === undefined ? null : { file: best[0], text: best[1] };
}

/** How many parts two paths have in common, from their ends. */
function common(a: readonly string[], b: readonly string[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a.at(-1 - n) === b.at(-1 - n)) n++;
  return n;
}

/** Passwords of connections as stars: etl.yaml may hold them. */
export const withoutSecrets = (text: string): string => text.split('\n').map(maskSecrets).join('\n');
