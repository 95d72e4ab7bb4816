import { expect, test } from 'vitest';
import type { Problem } from '../../engine/contract/problem.js';
import { formatProblems } from '../../engine/mapping/index.js';

const FILE = 'mappings/business/tasks.yaml';

const problem = (line: number, column: number, length: number): Problem => ({
  code: 'ETL-REF-003',
  severity: 'error',
  message: 'unknown mapping "patient"',
  at: { file: FILE, line, column, length },
  label: 'no mapping has this name',
  help: 'did you mean "patients"?',
});

const print = (problems: readonly Problem[], text: string, color = false) =>
  formatProblems(problems, new Map([[FILE, text]]), { color });

test('the frame of experience.md, and the summary', () => {
  const line = '  patient_id:  { from: patient_id, references: patient }';
  const warning: Problem = { code: 'ETL-BIND-001', severity: 'warning', message: 'no place' };
  expect(print([problem(24, 48, 7), problem(24, 48, 7), warning], `${'\n'.repeat(23)}${line}\n`)).toBe(
    `error[ETL-REF-003]: unknown mapping "patient"
  --> mappings/business/tasks.yaml:24:48
   |
24 |   patient_id:  { from: patient_id, references: patient }
   |                                                ^^^^^^^ no mapping has this name
   = help: did you mean "patients"?

error[ETL-REF-003]: unknown mapping "patient"
  --> mappings/business/tasks.yaml:24:48
   |
24 |   patient_id:  { from: patient_id, references: patient }
   |                                                ^^^^^^^ no mapping has this name
   = help: did you mean "patients"?

warning[ETL-BIND-001]: no place

2 errors, 1 warning
`,
  );
});

test('the edges of a circle, each with its file and line', () => {
  const related = [
    { at: { file: 'a.yaml', line: 3, column: 7, length: 1 }, message: 'a.depends_on needs b' },
  ];
  expect(print([{ ...problem(1, 1, 1), related }], 'x')).toContain(
    '\n  = note: a.yaml:3:7 a.depends_on needs b\n',
  );
});

/** The code and mark lines of a frame. */
function codeLines(text: string, column: number, length: number): (string | undefined)[] {
  const lines = print([problem(1, column, length)], text).split('\n');
  return [lines[3], lines[4]?.replace(' no mapping has this name', '')];
}

test.each([
  ['tabs', '\ta:\tb', 5, 1, ['1 |     a:  b', '  |         ^']],
  ['wide characters', '名前: x', 5, 1, ['1 | 名前: x', '  |       ^']],
  ['an emoji of several code points', '👩‍👩‍👧: x', 11, 1, ['1 | 👩‍👩‍👧: x', '  |     ^']],
  ['a marked wide character', 'a: 名', 4, 1, ['1 | a: 名', '  |    ^^']],
  ['control characters', 'a: \u001b[31mx', 4, 1, ['1 | a: \ufffd[31mx', '  |    ^']],
  ['Windows line ends', 'a: x\r\nb', 4, 1, ['1 | a: x', '  |    ^']],
  ['a place behind the line', 'a', 9, 3, ['1 | a', '  |  ^']],
])('%s', (_name, text, column, length, expected) => {
  expect(codeLines(text, column, length)).toEqual(expected);
});

test.each([1, 5, 100, 250, 491])('a long line is cut around the mark at column %i', (column) => {
  const words = Array.from({ length: 500 }, (_, index) => String.fromCharCode(97 + (index % 26))).join('');
  const [code = '', mark = ''] = codeLines(words, column, 10);
  expect(code.length).toBeLessThanOrEqual(108);
  const start = mark.indexOf('^');
  expect(code.slice(start, start + 10)).toBe(words.slice(column - 1, column + 9));
  expect(mark.slice(start)).toBe('^'.repeat(10));
});

test('a place in a file without text shows the place alone', () => {
  expect(formatProblems([problem(3, 1, 1)], new Map(), { color: false })).toContain(
    `--> ${FILE}:3:1\n  = help`,
  );
});

test('colour only when asked', () => {
  expect(print([problem(1, 1, 1)], 'a', false)).not.toContain('\u001b');
  expect(print([problem(1, 1, 1)], 'a', true)).toContain('\u001b[31;1merror[ETL-REF-003]\u001b[0m');
});

test('nothing to say is empty', () => {
  expect(print([], '')).toBe('');
});
