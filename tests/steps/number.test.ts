import fc from 'fast-check';
import { expect, it } from 'vitest';
import { apply } from './apply.js';

const GERMAN = { decimal: ',', group: '.', currency: '€' };
const DOLLARS = { group: ',', currency: '$', negative: 'parentheses' };
const FRENCH = { decimal: ',', group: ' ', currency: 'EUR' };
const SAP = { negative: 'trailing_minus', currency: 'USD' };

it.each([
  [null, '9223372036854775807', '9223372036854775807'],
  [null, '-0', '0'],
  [null, '1e3', '1000'],
  [null, '\u00a07 ', '7'],
  [GERMAN, '1.234.567,89', '1234567.89'],
  [GERMAN, '€ -1.234,50', '-1234.5'],
  [GERMAN, '1234,5', '1234.5'],
  [GERMAN, '1.234', '1234'],
  [GERMAN, '1e3', '1000'],
  [DOLLARS, '$1,234.50', '1234.5'],
  [DOLLARS, '(12.00)', '-12'],
  [DOLLARS, '($1,234.50)', '-1234.5'],
  [DOLLARS, '$(0.10)', '-0.1'],
  [DOLLARS, '$-5', '-5'],
  [DOLLARS, '- $5', '-5'],
  [DOLLARS, '12345678901234567890.01', '12345678901234567890.01'],
  [FRENCH, '1\u202f234\u202f567,5 EUR', '1234567.5'],
  [FRENCH, '1 234', '1234'],
  [FRENCH, '1\u2009234,50\u00a0EUR', '1234.5'],
  [DOLLARS, '(99,999,999,999,999,999,999,999,999,999,999,999.99)', '-99999999999999999999999999999999999.99'],
  [SAP, '12.50-', '-12.5'],
  [SAP, '12.50- USD', '-12.5'],
  [{ group: "'" }, "1'234", '1234'],
])('%j reads %s as %s', (argument, given, result) => {
  expect(apply('number', argument, given)).toBe(result);
});

it.each([
  [null, ['', ' ', 'x', '1,5', '1 000', '$5', '(5)', '5-', '--5', '1_000', '0x1F', 'NaN', 'Infinity', '½']],
  [
    GERMAN,
    ['1.5', '1.23,4', '.123', '1.234.56', '12.34,5', '1,234.50', '(5)', '$5', '€€5', '€5€', '1.000e3'],
  ],
  [
    DOLLARS,
    [
      '(-5)',
      '-(5)',
      '((5))',
      '(5',
      '5)',
      '()',
      '$',
      '1,2345',
      '12,34',
      ',123',
      '1,,234',
      '5-',
      '€5',
      '1,23,4',
      '0,123',
      '00,123',
    ],
  ],
  [FRENCH, ['1 23', '1\u202f234 567', '1\t234']],
  [SAP, ['-12-', '12--', '(12)']],
])('%j refuses %j', (argument, given) => {
  for (const value of given) {
    expect(apply('number', argument, value)).toEqual({ fails: `"${value}" is no number of this form` });
  }
});

it('reads back whatever is written with groups, currency and sign', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(999_999), (whole, fraction) => {
      const digits = String(whole < 0n ? -whole : whole);
      const cents = `5${String(fraction)}1`;
      const grouped = digits.replace(/\B(?=(...)+$)/g, '.');
      const written = whole < 0n ? `-${grouped},${cents} €` : `€${grouped},${cents}`;
      expect(apply('number', GERMAN, written)).toBe(`${whole < 0n ? '-' : ''}${digits}.${cents}`);
    }),
  );
});
