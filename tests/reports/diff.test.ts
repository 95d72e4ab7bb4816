import { expect, test } from 'vitest';
import { CHANGE_CLASSES, type Change, type ProjectDiff } from '../../engine/contract/diff.js';
import { diffAnnotations, diffMarkdown, diffText } from '../../reports/diff/index.js';

const long = 'x'.repeat(3000);

function changeOf(n: number): Change {
  const at = { file: `mappings/some/folder/mapping_${String(n)}.yaml`, line: n + 1, column: 3, length: 1 };
  return {
    class: CHANGE_CLASSES[n % CHANGE_CLASSES.length] ?? 'cosmetic',
    key: 'a column › steps',
    mappings: Array.from({ length: 1 + (n % 500) }, (_, m) => `mapping_${String(m)}`),
    what: `column c_${String(n)}: steps @someone <b>`,
    before: `before | ${long}`,
    after: `after \`${long}`,
    consequence: 'rows already loaded hold another value',
    at,
    was: at,
    side: 'head',
    needsRun: true,
    dependants: Array.from({ length: n % 90 }, (_, m) => ({
      mapping: `d_${String(m)}`,
      to: 'a',
      column: 'b',
    })),
  };
}

const huge: ProjectDiff = {
  project: 'huge',
  base: { name: 'main', hash: 'a'.repeat(64) },
  head: { name: 'the working tree', hash: 'b'.repeat(64) },
  changes: Array.from({ length: 3000 }, (_, n) => changeOf(n)).sort(
    (a, b) => CHANGE_CLASSES.indexOf(b.class) - CHANGE_CLASSES.indexOf(a.class),
  ),
  edges: {
    appear: Array.from({ length: 2000 }, (_, n) => ({
      ...{ kind: 'reference' as const, from: `f_${String(n)}`, to: 't', column: 'c' },
      at: { file: 'a', line: 1, column: 1, length: 1 },
    })),
    vanish: [],
  },
  rerun: Array.from({ length: 3000 }, (_, n) => `mapping_${String(n)}`),
  untold: Array.from({ length: 3000 }, (_, n) => `file_${String(n)}.yaml`),
  sample: null,
  planHash: null,
  notes: Array.from({ length: 40 }, () => 'a note'),
};

test('the comment stays under what GitHub takes, worst first, and says what it leaves out', () => {
  const text = diffMarkdown(huge);
  expect(text.length).toBeLessThan(65_536);
  expect(text).toContain('**Worst: destructive**');
  expect(text).toMatch(/_And [\d,]+ more changes, none of them worse/);
  expect(text).toContain('600 destructive · 600 identity-changing');
  expect(text).not.toContain('@someone');
  expect(text).not.toContain('<b>');
});

test('ten annotations, the worst; the last one counts the others', () => {
  const lines = diffAnnotations(huge).split('\n');
  expect(lines).toHaveLength(10);
  expect(lines.every((line) => line.startsWith('::warning file=mappings/some/folder/'))).toBe(true);
  expect(lines.at(-1)).toContain('And 2,390 more changes');
});

test('nothing that differs is said in every format', () => {
  const none = { ...huge, changes: [], edges: { appear: [], vanish: [] }, rerun: [], untold: [], notes: [] };
  expect(diffMarkdown(none)).toContain('**Nothing that is loaded differs.**');
  expect(diffText(none)).toContain('nothing differs');
  expect(diffAnnotations(none)).toBe('');
});
