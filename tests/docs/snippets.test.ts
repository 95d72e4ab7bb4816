import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CHECKOUT, etl, project } from '../cli/etl.js';

const PAGE = path.join(CHECKOUT, 'docs/mapping-language.md');

/** Files that the page's etl.yaml names. */
const NAMED: Readonly<Record<string, string>> = {
  'schema/source.sql': '',
  'schema/sample.sql': '',
  'schema/target.sql': '',
};

/** What a part of a mapping needs around it to be one; a snippet's own keys take the place of these. */
const AROUND: Readonly<Record<string, string>> = {
  source: 'source: { table: t, key: id }\n',
  target: 'target: { table: t, key: legacy_id, identity: id }\n',
  columns: 'columns: { legacy_id: id }\n',
};

/** "```yaml part": a part of a mapping, with its top-level keys. "```yaml <path>": a whole file. */
function snippetsOf(page: string): readonly { readonly kind: string; readonly text: string }[] {
  return [...page.matchAll(/^```yaml (\S+)\n([\s\S]*?)^```$/gm)].map(([, kind = '', text = '']) => ({
    kind,
    text,
  }));
}

test('every snippet of docs/mapping-language.md is valid, together as one project', async () => {
  const files: Record<string, string> = { ...NAMED };
  const page = await readFile(PAGE, 'utf8');
  const snippets = snippetsOf(page);
  expect(snippets.length, 'each fence says what it holds').toBe(page.match(/^```yaml/gm)?.length);
  for (const [n, { kind, text }] of snippets.entries()) {
    if (kind !== 'part') files[kind] = text;
    else {
      const missing = Object.keys(AROUND).filter((key) => !new RegExp(`^${key}:`, 'm').test(text));
      files[`part_${String(n)}.yaml`] = missing.map((key) => AROUND[key] ?? '').join('') + text;
    }
  }
  const folder = await project(files);
  const { code, stderr } = await etl(['validate', '.'], { cwd: folder });
  expect(stderr).toBe('');
  expect(code).toBe(0);
});
