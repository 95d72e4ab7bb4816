import fc from 'fast-check';
import type { BaseType } from '../../../engine/contract/value.js';

/** Texts of few kinds, so that keys and values meet; among them all that COPY escapes. */
const SHORT = [
  '',
  ' ',
  'a',
  'N',
  'n',
  '1',
  '1.0',
  '01',
  '7',
  ' 7',
  '-1',
  'x',
  'true',
  't',
  'f',
  '-',
  'null',
  '__proto__',
];
const PIECES = [
  'a', 'Z', 'é', '😀', '漢', '\t', '\n', '\r', '\b', '\f', '\v', '\\', '\\N', '\\.', 'N', ' ', '\u00a0', '<b>', '&amp;',
  '1', '.', ',', '-', '"', "'", '?', '€', 'ß', 'İ',
]; // prettier-ignore

const texts = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...SHORT) },
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 10 }).map((all) => all.join('')) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...PIECES), { minLength: 40, maxLength: 90 }).map((all) => all.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replaceAll('\0', '')) },
  { weight: 1, arbitrary: fc.constantFrom('2020-02-29', '31.12.1999', '0000-00-00', 'a@b.example', '1,234.50', '(5)', '{"a":{"b":[1,"x"]}}', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11') },
); // prettier-ignore

/** PostgreSQL's texts of values of a type. */
export const VALUES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  text: texts,
  integer: fc.constantFrom('0', '1', '7', '-1', '32767', '32768', '-32769', '2147483647', '2147483648', '9007199254740993', '9223372036854775807'),
  numeric: fc.constantFrom('0', '1', '1.0', '7.00', '-1', '1.005', '99.99', '100.00', '-0.5', 'NaN', 'Infinity', '12345678901234567890.123'),
  float: fc.constantFrom('0', '-0', '1', '7', '0.1', '1e+20', '1.5e-07', 'NaN', '-Infinity'),
  boolean: fc.constantFrom('t', 'f'),
  date: fc.constantFrom('2020-02-29', '1999-12-31', '0044-03-15 BC', 'infinity', '10000-01-01'),
  timestamp: fc.constantFrom('2020-01-01 00:00:00', '2021-03-28 02:30:00.123456', '0044-03-15 12:00:00 BC', '-infinity'),
  timestamptz: fc.constantFrom('2020-01-01 00:00:00+00', '1999-12-31 23:59:59.999999+00', 'infinity'),
  json: fc.constantFrom('{"a": {"b": [1.10, null]}}', '[]', '"x\\ny"', 'null', '12345678901234567890.10'),
  uuid: fc.constantFrom('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '00000000-0000-0000-0000-000000000000'),
}; // prettier-ignore

export const BASES = Object.keys(VALUES) as readonly BaseType[];

/** A value of the type or null. */
export const valueOf = (base: BaseType): fc.Arbitrary<string | null> =>
  fc.option(VALUES[base] ?? texts, { nil: null, freq: 5 });
