import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../engine/contract/step.js';
import type { BaseType, Json } from '../../engine/contract/value.js';
import { RULES } from '../../validators/index.js';
import { check } from './check.js';

it('lists the rules in the order of the reference', () => {
  expect([...RULES.keys()]).toEqual([
    'not_null',
    'accepted_values',
    'range',
    'length',
    'pattern',
    'compare',
    'unique',
  ]);
});

it.each([
  ['not_null', ['a', 'b'], ['a', 'b']],
  ['accepted_values', { column: 'a', values: ['x'] }, ['a']],
  ['range', { column: 'a', min: 0 }, ['a']],
  ['length', { column: 'a', min: 0 }, ['a']],
  ['compare', { left: 'a', op: '<', right: 'b' }, ['a', 'b']],
])('%s names its columns', (rule, argument, columns) => {
  expect(RULES.get(rule)?.columns(argument)).toEqual(columns);
});

describe('not_null', () => {
  it.each([
    [['1', '2'], null],
    [['', '0'], null],
    [['1', null], 'b is null'],
    [[null, null], 'a is null'],
  ])('%j: %s', (values, reason) => {
    expect(check('not_null', ['a', 'b'], ['text', 'integer'], values)).toBe(reason);
  });
});

type Case = readonly [
  type: BaseType,
  argument: Json,
  holds: readonly (string | null)[],
  reasons: readonly string[][],
];

function judge(rule: string, [type, argument, holds, reasons]: Case): void {
  for (const value of holds) expect(check(rule, argument, [type], [value])).toBeNull();
  for (const [value = '', reason = ''] of reasons) {
    expect(check(rule, argument, [type], [value])).toBe(reason);
  }
}

const accepted: readonly Case[] = [
  [
    'text',
    { column: 'a', values: ['x', 'y'] },
    ['x', null],
    [
      ['X', '"X" is none of x, y'],
      ['', '"" is none of x, y'],
    ],
  ],
  ['text', { column: 'a', values: [7, 'x'] }, ['7', '7.0', 'x'], [['07x', '"07x" is none of 7, x']]],
  ['text', { column: 'a', values: ['7'] }, ['7'], [['7.0', '"7.0" is none of 7']]],
  [
    'numeric',
    { column: 'a', values: [1, '2.50'] },
    ['1.00', '2.5', '1'],
    [['1.01', '"1.01" is none of 1, 2.50']],
  ],
  ['numeric', { column: 'a', values: ['NaN'] }, ['NaN'], [['0', '"0" is none of NaN']]],
  ['integer', { column: 'a', values: [1, 2] }, ['1', '2'], [['12', '"12" is none of 1, 2']]],
  ['boolean', { column: 'a', values: [true] }, ['true'], [['false', '"false" is none of true']]],
  ['timestamptz', { column: 'a', values: ['2020-01-01 00:00+02'] }, ['2019-12-31 22:00:00+00'], []],
  [
    'uuid',
    { column: 'a', values: ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'] },
    ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    [],
  ],
];
it.each(accepted)('accepted_values of %s %j', (...example) => {
  judge('accepted_values', example);
});

const ranges: readonly Case[] = [
  [
    'integer',
    { column: 'a', min: 0, max: 9 },
    ['0', '9', '-0', null],
    [
      ['-1', '"-1" is below 0'],
      ['10', '"10" is above 9'],
      ['x', '"x" is no integer'],
    ],
  ],
  [
    'integer',
    { column: 'a', max: '9007199254740993' },
    ['9007199254740993', '-9223372036854775808'],
    [['9007199254740994', '"9007199254740994" is above 9007199254740993']],
  ],
  [
    'numeric',
    { column: 'a', min: '0.1', max: '0.3' },
    ['0.1', '0.10', '0.3', '0.30000000000000000000', '0.2999999999999999999999'],
    [
      ['0.3000000000000000000001', '"0.3000000000000000000001" is above 0.3'],
      ['0.0999999999999999999999', '"0.0999999999999999999999" is below 0.1'],
      ['NaN', '"NaN" is above 0.3'],
      ['-Infinity', '"-Infinity" is below 0.1'],
      ['', '"" is no numeric'],
    ],
  ],
  ['numeric', { column: 'a', min: 0 }, ['NaN', 'Infinity', '0.00'], [['-0.01', '"-0.01" is below 0']]],
  [
    'float',
    { column: 'a', max: 1 },
    ['1', '1e-300', '-Infinity'],
    [
      ['NaN', '"NaN" is above 1'],
      ['1.1', '"1.1" is above 1'],
    ],
  ],
  ['text', { column: 'a', min: '\uffff' }, ['\uffff', '👍'], [['z', '"z" is below \uffff']]],
  ['text', { column: 'a', max: 'b' }, ['', 'a', 'az', 'b'], [['b ', '"b " is above b']]],
  [
    'date',
    { column: 'a', min: '1900-01-01', max: '2020-02-29' },
    ['1900-01-01', '2020-02-29'],
    [
      ['1899-12-31', '"1899-12-31" is below 1900-01-01'],
      ['10000-01-01', '"10000-01-01" is above 2020-02-29'],
      ['4000-01-01 BC', '"4000-01-01 BC" is below 1900-01-01'],
      ['infinity', '"infinity" is above 2020-02-29'],
      ['2020-02-30', '"2020-02-30" is no date'],
    ],
  ],
  [
    'timestamp',
    { column: 'a', max: '2020-01-01' },
    ['2020-01-01 00:00:00', '-infinity'],
    [['2020-01-01 00:00:00.000001', '"2020-01-01 00:00:00.000001" is above 2020-01-01']],
  ],
  [
    'timestamptz',
    { column: 'a', min: '2020-03-01 00:30:00+01' },
    ['2020-02-29 23:30:00+00', '2020-02-29 18:30:00-05', '2020-03-01 05:00:00+05:30'],
    [['2020-02-29 23:29:59.999999+00', '"2020-02-29 23:29:59.999999+00" is below 2020-03-01 00:30:00+01']],
  ],
  [
    'timestamptz',
    { column: 'a', min: '2020-01-01' },
    ['2020-01-01 00:00:00+00'],
    [['2019-12-31 23:59:59+00', '"2019-12-31 23:59:59+00" is below 2020-01-01']],
  ],
  [
    'time',
    { column: 'a', min: '08:00', max: '24:00:00' },
    ['08:00:00', '24:00:00'],
    [['07:59:59.9', '"07:59:59.9" is below 08:00']],
  ],
];
it.each(ranges)('range of %s %j', (...example) => {
  judge('range', example);
});

const lengths: readonly Case[] = [
  [
    'text',
    { column: 'a', min: 1, max: 3 },
    ['a', 'abc', '👍👍👍', null, '\ud83d'],
    [
      ['', '"" has 0 characters, fewer than 1'],
      ['abcd', '"abcd" has 4 characters, more than 3'],
    ],
  ],
  ['text', { column: 'a', min: 2 }, ['ab', 'a\u0301'], [['👍', '"👍" has 1 characters, fewer than 2']]],
  ['other', { column: 'a', max: 0 }, [''], [[' ', '" " has 1 characters, more than 0']]],
];
it.each(lengths)('length of %s %j', (...example) => {
  judge('length', example);
});

describe('compare', () => {
  const cases: readonly (readonly [BaseType, BaseType, string, string | null, string | null, boolean])[] = [
    ['integer', 'integer', '<', '9', '10', true],
    ['integer', 'numeric', '=', '1', '1.00', true],
    ['integer', 'numeric', '<', '9007199254740993', '9007199254740993.1', true],
    ['numeric', 'float', '>=', '0.1', '0.1', true],
    ['text', 'text', '<', '9', '10', false],
    ['date', 'timestamp', '<=', '2020-01-01', '2020-01-01 00:00:00', true],
    ['timestamptz', 'timestamptz', '=', '2020-01-01 00:00:00+00', '2020-01-01 01:00:00+01', true],
    ['date', 'date', '>', '2020-01-01', '2019-12-31', true],
    ['date', 'date', '!=', '2020-01-01', '2020-01-01', false],
    ['boolean', 'boolean', '<', 'false', 'true', true],
    ['other', 'other', '<>', 'a', 'b', true],
    ['other', 'other', '=', 'a', 'b', false],
    ['integer', 'integer', '>', null, '1', true],
    ['integer', 'integer', '>', '0', null, true],
  ];
  it.each(cases)('%s with %s: %s of %s and %s', (left, right, op, a, b, holds) => {
    const reason = `start "${a ?? ''}" is not ${op} end "${b ?? ''}"`;
    const found = check('compare', { left: 'start', op, right: 'end' }, [left, right], [a, b]);
    expect(found).toBe(holds ? null : reason);
  });

  it('says what it cannot read', () => {
    const found = check('compare', { left: 'a', op: '<', right: 'b' }, ['integer', 'integer'], ['1', 'x']);
    expect(found).toBe('a "1" and b "x" cannot be compared');
  });
});

const refused: readonly (readonly [
  rule: string,
  argument: Json,
  types: readonly BaseType[],
  message: RegExp,
])[] = [
  ['range', { column: 'a' }, ['integer'], /`min` or `max` is needed/],
  ['range', { column: 'a', min: 'x' }, ['integer'], /min "x" is no integer/],
  ['range', { column: 'a', min: 2, max: 1 }, ['integer'], /no value can hold/],
  ['range', { column: 'a', max: '2020-02-30' }, ['date'], /is no date/],
  ['range', { column: 'a', max: '2020-01-01 12:00' }, ['date'], /is no date/],
  ['range', { column: 'a', max: '2020-01-01 12:00+01' }, ['timestamp'], /is no timestamp/],
  ['range', { column: 'a', max: 1 }, ['json'], /has no order/],
  ['length', { column: 'a' }, ['text'], /`min` or `max` is needed/],
  ['length', { column: 'a', min: 5, max: 4 }, ['text'], /no text can hold/],
  ['length', { column: 'a', min: 5 }, ['integer'], /has no length/],
  ['compare', { left: 'a', op: '==', right: 'b' }, ['text', 'text'], /op must be one of/],
  ['compare', { left: 'a', op: '<', right: 'b' }, ['text', 'integer'], /cannot compare/],
  ['compare', { left: 'a', op: '<', right: 'b' }, ['timestamp', 'timestamptz'], /cannot compare/],
  ['compare', { left: 'a', op: '<', right: 'b' }, ['other', 'other'], /cannot compare/],
  ['accepted_values', { column: 'a', values: ['x'] }, ['integer'], /can never be in the column/],
  ['accepted_values', { column: 'a', values: ['x'] }, ['date'], /can never be in the column/],
  ['accepted_values', { column: 'a', values: [1] }, ['boolean'], /true and false alone/],
];
it.each(refused)('%s refuses %j on %j', (rule, argument, types, message) => {
  const definition = RULES.get(rule);
  expect(() => definition?.make(argument, types)).toThrow(ArgumentError);
  expect(() => definition?.make(argument, types)).toThrow(message);
});
