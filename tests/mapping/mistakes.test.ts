import { expect, test } from 'vitest';
import { SQL_MISTAKES } from './mistakes-sql.js';
import { MISTAKES } from './mistakes.js';
import type { Mistake } from './mistakes.js';
import { BASE, load } from './project.js';
import type { Files } from './project.js';

/** The files without marks, and the place of the mark. */
function unmark(marked: Files): { files: Files; at: object } {
  const files: Record<string, string> = {};
  let at = {};
  for (const [path, text] of Object.entries(marked)) {
    const start = text.indexOf('‹');
    files[path] = text.replace(/[‹›]/g, '');
    if (start < 0) continue;
    const before = text.slice(0, start).split('\n');
    const length = text.indexOf('›') - start - 1;
    at = { file: `mappings/${path}`, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, length };
  }
  return { files, at };
}

test('the base project has no problems', async () => {
  const { project, problems } = await load(BASE);
  expect(problems).toEqual([]);
  expect(project?.mappings.map(({ name }) => name)).toEqual(['patients']);
});

test.each([...MISTAKES, ...SQL_MISTAKES])(
  '$name → $code',
  async ({ files: marked, code, says, help }: Mistake) => {
    const { files, at } = unmark(marked);
    const { project, problems } = await load({ ...BASE, ...files });
    expect(project).toBeNull();
    expect(problems.map((problem) => ({ code: problem.code, at: problem.at }))).toEqual([{ code, at }]);
    expect(problems[0]?.message).toContain(says ?? '');
    expect(problems[0]?.help ?? '').toContain(help ?? '');
  },
);
