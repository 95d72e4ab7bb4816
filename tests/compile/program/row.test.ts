import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Row } from '../../../engine/compile/program/row.js';
import { encodeCopy } from '../../support/copy-text.js';

/** The one row that begins at the text's start. */
function rowOf(text: string, width: number): Row {
  const row = new Row(width);
  if (!row.find(Buffer.from(text), 0)) throw new Error('the row has no end');
  return row;
}

describe('Row.find', () => {
  test.each([
    { text: '', found: false },
    { text: 'a', found: false },
    { text: 'a\tb', found: false },
    { text: 'a\\', found: false },
    { text: '\n', found: true, end: 1 },
    { text: 'a\tb\n', found: true, end: 4 },
    { text: 'a\tb\nc\td\n', found: true, end: 4 },
    { text: 'a\\n\\t\tb\n', found: true, end: 8 },
  ])('$text: $found', ({ text, found, end }) => {
    const row = new Row(2);
    expect(row.find(Buffer.from(text), 0)).toBe(found);
    if (end !== undefined) expect([row.start, row.end]).toEqual([0, end]);
  });

  it('finds one row after the other in one buffer', () => {
    const buffer = encodeCopy([
      ['a', null],
      ['', 'é'],
      ['😀', '\n'],
    ]);
    const row = new Row(2);
    const rows: (string | null)[][] = [];
    for (let at = 0; row.find(buffer, at); at = row.end) rows.push([row.text(0), row.text(1)]);
    expect(rows).toEqual([
      ['a', null],
      ['', 'é'],
      ['😀', '\n'],
    ]);
  });

  it('says no for each part of a row, and finds the whole', () => {
    const whole = encodeCopy([['a\tb', '\\.', '😀']]);
    const row = new Row(3);
    const found = Array.from({ length: whole.length + 1 }, (_, end) => row.find(whole.subarray(0, end), 0));
    expect(found.indexOf(true)).toBe(whole.length);
    expect([row.text(0), row.text(1), row.text(2)]).toEqual(['a\tb', '\\.', '😀']);
  });
});

describe('Row.text', () => {
  test.each([
    ['\\N', null],
    ['', ''],
    ['N', 'N'],
    ['\\\\N', '\\N'],
    ['\\\\.', '\\.'],
    ['\\b\\f\\n\\r\\t\\v', '\b\f\n\r\t\v'],
    ['\\\\', '\\'],
    ['\\\\n', '\\n'],
    ['\\\\\\n', '\\\n'],
    ['a\\\\', 'a\\'],
    ['é😀漢', 'é😀漢'],
    ['\u0001\u007f\u0085\u2028', '\u0001\u007f\u0085\u2028'],
    ['x\\N', 'xN'],
  ])('%j is %j', (field, text) => {
    const row = rowOf(`1\t${field}\t2\n`, 3);
    expect(row.text(1)).toBe(text);
    expect(row.isNull(1)).toBe(text === null);
    expect([row.text(0), row.text(2)]).toEqual(['1', '2']);
  });

  it('gives back whatever a server writes', () => {
    const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''));
    const escape = fc.constantFrom('\\', '\n', '\t', '\r', '\b', '\f', '\v', 'N', '\\N', '\\.');
    const value = fc.option(
      fc.array(fc.oneof(text, escape), { maxLength: 5 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        const row = new Row(values.length);
        expect(row.find(encodeCopy([values]), 0)).toBe(true);
        expect(values.map((_, n) => row.text(n))).toEqual(values);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('Row.integer', () => {
  test.each([
    ['0', 0],
    ['7', 7],
    ['-1', -1],
    ['2147483648', 2147483648],
    ['999999999999999', 999999999999999],
    ['-999999999999999', -999999999999999],
    ['1000000000000000', NaN],
    ['9007199254740993', NaN],
    ['\\N', NaN],
    ['', NaN],
    ['-', NaN],
    ['+1', NaN],
    ['1.0', NaN],
    ['1 ', NaN],
    ['1e3', NaN],
    ['--1', NaN],
    ['x', NaN],
  ])('%s is %d', (field, number) => {
    expect(rowOf(`a\t${field}\n`, 2).integer(1)).toBe(number);
  });
});
