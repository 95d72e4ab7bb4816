import { expect, it } from 'vitest';
import { ArgumentError } from '../../engine/contract/step.js';
import type { Json } from '../../engine/contract/value.js';
import { STEPS } from '../../engine/steps/index.js';

const CASES: readonly (readonly [step: string, argument: Json, message: RegExp])[] = [
  ['truncate', -1, /whole number/],
  ['substring', { start: 0 }, /start must be/],
  ['pad', { length: 3, with: 'ab' }, /one character/],
  ['pad', { length: 3, with: '' }, /one character/],
  ['replace', { from: '', to: 'x' }, /must not be empty/],
  ['split', { on: '', part: 1 }, /must not be empty/],
  ['split', { on: ',', part: 0 }, /counts from 1/],
  ['concat', ['only one'], /two texts/],
  ['boolean', { true: ['Y', 1], false: ['N', '1'] }, /"1" as true and as false/],
  ['number', { group: '.' }, /cannot part groups and be the decimal point/],
  ['number', { decimal: '-' }, /cannot be a separator/],
  ['number', { currency: '1' }, /cannot be a currency/],
  ['number', { negative: 'red' }, /parentheses, trailing_minus/],
  ['round', 1.5, /whole number/],
  ['scale', 'ten', /"ten" is none/],
  ['parse_date', 'DD.MM.YY', /"YY", which is no part of a date/],
  ['parse_date', 'MM/YYYY', /has no day; parse_date guesses none/],
  ['parse_date', 'DD.MM.YYYY HH:MM', /the month twice; MM is the month, mm the minute/],
  ['parse_date', 'YYYY-MM-DD HH24:MI', /"2" as text/],
  ['parse_date', 'YYYY-MM-DD ss', /has no minute/],
  ['parse_date', 'YYYYMDD', /where its month ends/],
  ['parse_date', 'D[1]M.YYYY', /where its day ends/],
  ['parse_date', 'YYYY-MM-DD Z', /"Z", which is no part/],
  ['format_date', 'Month YYYY', /no part of a date/],
  ['timezone', 'Mars/Olympus', /"Mars\/Olympus" is no time zone/],
  ['timezone', { zone: 'UTC', gap: 'later' }, /reject, after, before/],
  ['epoch', 'days', /seconds, milliseconds, microseconds/],
  ['json_get', 'a..b', /is no path/],
  ['json_get', 'a[x]', /is no path/],
  ['hash', 'crc32', /sha256, sha1, md5/],
  ['uuid5', 'nowhere', /neither a UUID nor one of/],
];

it.each(CASES)('%s refuses %j', (name, argument, message) => {
  const step = STEPS.get(name);
  expect(step).toBeDefined();
  expect(() => step?.make(argument)).toThrow(ArgumentError);
  expect(() => step?.make(argument)).toThrow(message);
});
