import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Row } from '../../../engine/compile/program/row.js';
import { encodeCopy } from '../../support/copy-text.js';

/** The one row that is the text. */
function rowOf(text: string, width: number): Row {
  const row = new Row(width);
  row.open(Buffer.from(text));
  if (!row.next()) throw new Error('there is no row');
  return row;
}

describe('Row.next', () => {
  test.each([
    { text: '', ends: [] },
    { text: '\n', width: 1, ends: [1] },
    { text: 'a\tb\n', ends: [4] },
    { text: 'a\tb\nc\td\n', ends: [4, 8] },
    { text: 'a\\n\\t\tb\n\t\n', ends: [8, 10] },
  ])('$text: $ends', ({ text, width = 2, ends }) => {
    const row = new Row(width);
    row.open(Buffer.from(text));
    const found: number[] = [];
    while (row.next()) found.push(row.end);
    expect(found).toEqual(ends);
  });

  it('goes from row to row and from chunk to chunk, plain or not', () => {
    const chunks = [
      [
        ['a', null],
        ['', 'é'],
        ['😀', '\n'],
      ],
      [['plain', 'ascii']],
      [['ü', '\t']],
    ];
    const row = new Row(2);
    const rows: (string | null)[][][] = [];
    for (const chunk of chunks) {
      row.open(encodeCopy(chunk));
      const here: (string | null)[][] = [];
      while (row.next()) here.push([row.text(0), row.text(1)]);
      rows.push(here);
    }
    expect(rows).toEqual(chunks);
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
        row.open(encodeCopy([values]));
        expect(row.next()).toBe(true);
        expect(values.map((_, n) => row.text(n))).toEqual(values);
        expect(values.map((_, n) => row.ownText(n))).toEqual(values);
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
