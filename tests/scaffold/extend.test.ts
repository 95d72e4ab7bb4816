import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { plainly, type DraftColumn } from '../../engine/scaffold/draft.js';
import { spokenOf, withColumns } from '../../engine/scaffold/extend.js';

const column = (name: string, more: Partial<DraftColumn> = {}): DraftColumn => ({
  ...{ column: name, making: plainly(`old_${name}`), active: true, found: null, todo: [] },
  ...more,
});
const NEW = [
  column('a b', { todo: ['sure?'] }),
  column('off', { active: false, todo: ['why?'] }),
  column('left', { making: null, active: false }),
];

const HEAD = `# mine\nsource: { table: t, key: id } # hands off\ntarget:   { table: u, key: id }\n`;

test.each([
  [
    'a block, and comments behind it',
    `${HEAD}columns:\n    id: id   # the key\n    # later\n\nrules: [] # mine, too\n`,
  ],
  ['no line end at the end', `${HEAD}columns:\n  id: id`],
  ['windows line ends', `${HEAD}columns:\n  id: id\n`.replaceAll('\n', '\r\n')],
  [
    'a nested last entry',
    `${HEAD}columns:\n  id:\n    from: id\n    steps:\n      - trim\n      # no more\ntags: [x]\n`,
  ],
  ['a block scalar at the end', `${HEAD}columns:\n  id:\n    sql: |\n      id +\n        1\n\ntags: [x]\n`],
  ['a flow map', `${HEAD}columns: { id: id }\ntags: [x]\n`],
  ['a flow map with a comma', `${HEAD}columns: { '*': same_name, }\n`],
  ['an empty flow map', `${HEAD}columns: {} # TODO\ntags: [x]\n`],
  ['a flow map over lines', `${HEAD}columns:\n  {\n    id: id, # the key\n    name: n # the name\n  }\n`],
  ['no columns', `${HEAD}tags: [x]`],
])('columns are added and nothing else changes: %s', (_, text) => {
  const added = withColumns(text, NEW);
  const before = parse(text) as { columns?: object };
  expect(parse(added ?? '')).toEqual({ ...before, columns: { ...before.columns, 'a b': 'old_a b' } });
  expect(added).toContain('# TODO why?');
  // What stood there stands there still, in its order: taking the new away gives the old text.
  let place = 0;
  for (const letter of text) {
    place = (added ?? '').indexOf(letter, place) + 1;
    expect(place).toBeGreaterThan(0);
  }
  // In braces the entry before gets a comma, and the line of one that stood on one line is parted.
  const linesOf = (of: string): readonly string[] => of.replaceAll(',', '').split(/\r?\n/);
  const kept = linesOf(text).filter((line) => !line.includes('columns: {'));
  expect(linesOf(added ?? '')).toEqual(expect.arrayContaining([...kept]));
  expect([...spokenOf(added ?? '')]).toEqual(expect.arrayContaining(['a b', 'off', 'left']));
});

test.each([
  ['an error', 'columns: {'],
  ['a whole mapping in braces', '{ source: { table: t }, columns: { a: b } }'],
  ['columns that are no map', 'columns: [a]'],
  ['a list', '- a'],
])('left alone: %s', (_, text) => {
  expect(withColumns(text, NEW)).toBeNull();
});
