import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestAssignment } from '../../engine/scaffold/assignment.js';
import { datePattern } from '../../engine/scaffold/date-forms.js';
import { mapLabels } from '../../engine/scaffold/labels.js';
import { nameLikeness } from '../../engine/scaffold/names.js';
import { numberForm } from '../../engine/scaffold/number-forms.js';
import { wordsOf } from '../../engine/scaffold/words.js';
import { comment, flow } from '../../engine/scaffold/yaml-words.js';
import { parse } from 'yaml';

test.each([
  ['InvoiceLineId', 'invoice line id'],
  ['tbl_XMLFiles', 'tbl xml file'],
  ['categories', 'category'],
  ['order-addresses', 'order address'],
  ['address2', 'address 2'],
  ['STATUS', 'status'],
  ['ZIP', 'postal code'],
  ['straßenNamen', 'straßen namen'],
])('the words of %s', (name, words) => {
  expect(wordsOf(name).join(' ')).toBe(words);
});

/** Pairs of names with the least and the most that they may be alike. */
test.each([
  ['PostalCode', 'postal_code', 1, 1],
  ['taskkind', 'task_kinds', 1, 1],
  ['created', 'created_at', 0.85, 1],
  ['birth_date', 'dob', 0.85, 1],
  ['cust_no', 'customer_number', 0.8, 1],
  ['qty', 'quantity', 0.8, 1],
  ['hire_date', 'hired_on', 0.8, 1],
  ['desciption', 'description', 0.7, 1],
  ['name', 'first_name', 0.5, 0.7],
  ['user_id', 'username', 0, 0.65],
  ['price', 'weight', 0, 0.2],
  ['order_id', 'id', 0, 0.5],
])('%s and %s', (ours, theirs, least, most) => {
  const alike = nameLikeness(wordsOf(ours), wordsOf(theirs));
  expect(alike).toBeGreaterThanOrEqual(least);
  expect(alike).toBeLessThanOrEqual(most);
  expect(nameLikeness(wordsOf(theirs), wordsOf(ours))).toBeCloseTo(alike, 10);
});

test('the assignment has the greatest total that there is', () => {
  const matrix = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
    .chain(([rows, columns]) =>
      fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      }),
    );
  const best = (scores: readonly (readonly number[])[], used: readonly number[]): number => {
    const [row, ...rest] = scores;
    if (row === undefined) return 0;
    const taken = row.map((score, n) => (used.includes(n) ? -1 : score + best(rest, [...used, n])));
    return Math.max(best(rest, used), ...taken);
  };
  fc.assert(
    fc.property(matrix, (scores) => {
      const found = bestAssignment(scores);
      const places = found.filter((place) => place >= 0);
      expect(new Set(places).size).toBe(places.length);
      const total = found.reduce((sum, place, row) => sum + (scores[row]?.[place] ?? 0), 0);
      expect(total).toBe(best(scores, []));
    }),
  );
});

test.each([
  [['2020-01-31', '', '0000-00-00'], 'YYYY-MM-DD', ['empty_to_null', 'zero_date_to_null'], 0],
  [['31.01.2020', '1.2.2020'], 'D.M.YYYY', [], 0],
  [['01/31/2020', '02/01/2020'], 'MM/DD/YYYY', [], 0],
  [['01/02/2020'], 'MM/DD/YYYY', [], 1],
  [['20200131', 'soon'], null, [], 1],
  [['20200131', '20200201', 'soon'], 'YYYYMMDD', [], 1],
  [['yesterday'], null, [], 1],
  [[], null, [], 1],
])('dates such as %j', (values, pattern, before, todos) => {
  const found = datePattern(values, false);
  expect([found.pattern, found.before, found.todo.length]).toEqual([pattern, before, todos]);
});

test.each([
  [['1', '-2.50', ' 3 '], null],
  [
    ['1', ''],
    ['trim', 'empty_to_null'],
  ],
  [['$1,200.50', '(3)'], [{ number: { group: ',', currency: '$', negative: 'parentheses' } }]],
  [
    ['1.200,50 €', ''],
    ['empty_to_null', { number: { decimal: ',', group: '.', currency: '€' } }],
  ],
  [['n/a', '2'], ['number']],
])('numbers such as %j', (values, steps) => {
  expect(numberForm(values)?.steps ?? null).toEqual(steps);
});

test('labels by their words, by their first letter, or not at all', () => {
  expect(mapLabels(['N', 'in-production', 'shipped', 'X'], ['new', 'in_production', 'shipped'])).toEqual({
    map: { N: 'new', 'in-production': 'in_production', shipped: 'shipped' },
    open: ['X'],
    same: false,
  });
  expect(mapLabels(['P'], ['pending', 'paid'])).toMatchObject({ map: {}, open: ['P'] });
  expect(mapLabels(['paid'], ['pending', 'paid'])).toMatchObject({ same: true });
});

describe('what is written as YAML', () => {
  test('reads as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parse(flow(value as never))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      {
        examples: [
          'NO',
          'true',
          'null',
          '012',
          'a: b',
          'a #b',
          "it's",
          'a,b',
          '',
          '\u2028',
          '- a',
          'x\ny',
          '}',
        ].map((text) => [{ [text]: text }] as [never]),
      },
    );
  });

  test('a comment ends with its line', () => {
    expect(comment('a\nb: c')).toBe('# a b: c');
  });
});
