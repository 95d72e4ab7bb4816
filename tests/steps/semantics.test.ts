import { expect, it } from 'vitest';
import { Failure, type StepDefinition } from '../../engine/contract/step.js';
import type { Json } from '../../engine/contract/value.js';
import { STEPS } from '../../engine/steps/index.js';

/** What every step is given, under the name that the table shows. */
const INPUTS: readonly (readonly [shown: string, value: string | null])[] = [
  ['null', null],
  ['empty', ''],
  ['one space', ' '],
  ['0', '0'],
  ['-0', '-0'],
  ['00', '00'],
  ['false', 'false'],
  ['12.50', '12.50'],
  ['ß ŉ ﬁ', 'ß ŉ ﬁ'],
  ['İI ıi ΑΣ', 'İI ıi ΑΣ'],
  ['emoji', '👍🏽 ok'],
  ['e + accent', 'e\u0301A\u030a'],
  ['NUL', 'a\0b'],
  ['lone surrogate', 'a\ud83d b'],
  ['30,000 characters', 'xY '.repeat(10_000)],
  ['00.00.2020', '00.00.2020'],
  ['0000-00-00', '0000-00-00'],
  ['2020-02-29 02:30:00', '2020-02-29 02:30:00'],
  ['["a", 0]', '["a", 0]'],
  ['a.b,c', 'a.b,c'],
  ['<b>&amp;</b>', '<b>&amp;</b>'],
];

/** The arguments of each step that takes one. */
const ARGUMENTS: Readonly<Record<string, readonly Json[]>> = {
  truncate: [0, 2],
  substring: [{ start: 2 }, { start: 1, length: 1 }],
  pad: [{ length: 5, with: '0', side: 'left' }, { length: 3 }],
  replace: [{ from: ' ', to: '' }],
  regex_replace: [
    { match: '^', with: '>' },
    { match: '(.)(.)', with: '$2$1' },
  ],
  split: [
    { on: '.', part: 1 },
    { on: '.', part: -1 },
    { on: ',', part: 2 },
  ],
  join: [' ', ''],
  concat: [['(', ')']],
  null_if: ['', ['0', 'false'], 0],
  coalesce: [null],
  boolean: [null, { true: ['', 'Y'], false: ['0', 'N'] }],
  number: [null, { decimal: ',', group: '.' }, { group: ' ' }],
  round: [0, 1],
  scale: [100, 0.01],
  parse_date: ['DD.MM.YYYY', 'YYYY-MM-DD'],
  format_date: ['YYYY-MM', 'D.M.YYYY HH:mm'],
  timezone: ['America/New_York'],
  epoch: ['seconds', 'milliseconds'],
  json_get: ['a', '[1]'],
  hash: ['sha256', 'md5'],
  uuid5: ['url'],
  uuid3: ['dns'],
  phone: ['US'],
};

function result(step: StepDefinition, argument: Json, value: string | null): string | null | Failure {
  if (step.kind === 'several') return step.make(argument)([value, null, value]);
  if (step.kind === 'nulls') return step.make(argument)(value);
  return value === null ? null : step.make(argument)(value);
}

const MOST = 60;

function shown(value: string | null | Failure): string {
  if (value === null) return 'null';
  if (value instanceof Failure) return 'rejects';
  if (value === '') return 'empty';
  const text = JSON.stringify(value);
  return text.length <= MOST ? text : `${text.slice(0, 20)}… (${String(value.length)})`;
}

/** One line for each result, the inputs that share it together: what stays as it is first. */
function lines(step: StepDefinition, argument: Json): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const [name, value] of INPUTS) {
    const found = result(step, argument, value);
    const says = found === value && value !== null ? 'as it is' : shown(found);
    groups.set(says, [...(groups.get(says) ?? []), name]);
  }
  const order = (says: string): number => ['null', 'as it is', 'rejects'].indexOf(says);
  return [...groups]
    .sort(([a], [b]) => order(b) - order(a))
    .map(([says, names]) => `  ${says.padEnd(24)} <- ${names.join(' | ')}`);
}

it('each step with each awkward value gives what tests/steps/semantics.txt says, looked at one by one', async () => {
  const text = [...STEPS.values()].flatMap((step) =>
    (ARGUMENTS[step.name] ?? [null]).flatMap((argument) => [
      argument === null ? step.name : `${step.name}: ${JSON.stringify(argument)}`,
      ...lines(step, argument),
      '',
    ]),
  );
  await expect(text.join('\n')).toMatchFileSnapshot('semantics.txt');
});

it('has arguments for each step that needs one', () => {
  const without = [...STEPS.values()].filter(
    ({ name, argument, argumentOptional }) =>
      argument !== null && argumentOptional !== true && ARGUMENTS[name] === undefined,
  );
  expect(without.map(({ name }) => name)).toEqual([]);
});
