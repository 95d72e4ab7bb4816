import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CHECKOUT, etl, project } from '../cli/etl.js';

/** The pages, each with what its snippets speak of and it does not show. */
const PAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'docs/mapping-language.md': {
    'schema/source.sql': '',
    'schema/sample.sql': '',
    'schema/target.sql': '',
  },
  'docs/guides/connections.md': {
    'people.yaml': `source: { table: people, key: id }
target: { table: people, key: id }
columns: { id: id }
`,
  },
  'docs/guides/mappings.md': {
    'etl.yaml': `version: 1
project: guide
connections:
  source: { url: postgresql://localhost/old }
  target: { url: postgresql://localhost/new }
`,
    'people.yaml': `source: { table: people, key: id }
target: { table: people, key: legacy_id, identity: id }
columns:
  legacy_id: id
  login: login
  email: { from: email, steps: [trim, empty_to_null] }
`,
    'offices.yaml': `source: { table: offices, key: id }
target: { table: offices, key: legacy_id, identity: id }
columns: { legacy_id: id }
`,
  },
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

test.each(Object.entries(PAGES))(
  'every snippet of %s is valid, together as one project',
  async (file, named) => {
    const files: Record<string, string> = { ...named };
    const page = await readFile(path.join(CHECKOUT, file), 'utf8');
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
  },
);
