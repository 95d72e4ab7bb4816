import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Output } from '../../../engine/compile/program/output.js';
import { decodeLine } from '../../support/copy-text.js';

const written = (write: (out: Output) => unknown, capacity = 1): string => {
  const out = new Output(capacity);
  write(out);
  return out.bytes().toString();
};

describe('Output.text', () => {
  test.each([
    ['', ''],
    ['a', 'a'],
    ['N', 'N'],
    ['\\N', '\\\\N'],
    ['\\.', '\\\\.'],
    ['a\tb', 'a\\tb'],
    ['a\nb\r\n', 'a\\nb\\r\\n'],
    ['\\', '\\\\'],
    ['é😀漢', 'é😀漢'],
    ['\u0001\b\f\v\u007f', '\u0001\b\f\v\u007f'],
    ['\u2028\u0085\ufeff', '\u2028\u0085\ufeff'],
  ])('%j as %j, short and long', (value, line) => {
    expect(written((out) => out.text(value))).toBe(line);
    const long = 'x'.repeat(100);
    expect(written((out) => out.text(long + value))).toBe(long + line);
    expect(written((out) => out.text(value + long))).toBe(line + long);
  });

  test.each([
    '\0',
    'a\0b',
    '\ud800',
    '\udc00',
    'a\ud83d',
    '\udc00\ud800',
    `${'x'.repeat(100)}\0`,
    `\ud800${'x'.repeat(100)}`,
  ])('refuses %j and writes nothing', (value) => {
    const out = new Output(1);
    out.text('before');
    expect(out.text(value)).toBe(false);
    expect(out.bytes().toString()).toBe('before');
    expect(out.text('|after')).toBe(true);
    expect(out.bytes().toString()).toBe('before|after');
  });

  it('writes a megabyte of what must be escaped', () => {
    const value = '\\\n😀'.repeat(100_000);
    const line = `${written((out) => out.text(value))}\n`;
    expect(decodeLine(Buffer.from(line))).toEqual([value]);
  });
});

describe('Output', () => {
  const values = fc.array(
    fc
      .option(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.string({ unit: fc.constantFrom('\\', '\n', '\t', '\r', 'N', 'é') }),
          fc.string({ minLength: 40, maxLength: 60 }),
        ),
      )
      .map((value) => value?.replaceAll('\0', '') ?? null),
    { minLength: 1, maxLength: 8 },
  );

  it('what it writes a server reads, whatever its capacity at first', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(1, 2, 16, 1 << 16), (row, capacity) => {
        const out = new Output(capacity);
        for (const [n, value] of row.entries()) {
          if (n > 0) out.tab();
          if (value === null) out.null();
          else expect(out.text(value)).toBe(true);
        }
        out.newline();
        expect(decodeLine(out.bytes())).toEqual(row);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([0, 1, 47, 48, 49, 1000, 100_000])('copies %d bytes', (size) => {
    const from = Buffer.from(`<${'é'.repeat(size)}>`);
    expect(
      written((out) => {
        out.text('a');
        out.copy(from, 1, from.length - 1);
      }),
    ).toBe(`a${'é'.repeat(size)}`);
  });

  it('whole numbers are written as JavaScript writes them', () => {
    const number = fc.oneof(
      fc.maxSafeInteger(),
      fc.integer(),
      fc.constantFrom(0, -0, 9, 10, -10, 99, 100, 999_999_999_999_999, 1e15),
    );
    fc.assert(
      fc.property(number, (value) => {
        expect(
          written((out) => {
            out.integer(value);
          }),
        ).toBe(String(value));
      }),
      { numRuns: 1000 },
    );
  });

  it('a row that fails is cut off again', () => {
    const out = new Output(1);
    out.text('kept');
    const before = out.length;
    out.text('x'.repeat(5000));
    out.length = before;
    out.newline();
    expect(out.bytes().toString()).toBe('kept\n');
  });

  it('copies from the chunk at hand as from any other, also when it grows, and starts anew', () => {
    const [chunk, other] = [Buffer.from('<täken>'), Buffer.from('<other>')];
    const out = new Output(1);
    out.take(chunk);
    out.copy(chunk, 1, 7);
    out.copy(other, 1, 6);
    out.text('x'.repeat(5000));
    out.copy(chunk, 1, 7);
    const since = out.since(out.length - 3);
    expect(out.bytes().toString()).toBe(`täkenother${'x'.repeat(5000)}täken`);
    expect(out.size).toBe(out.bytes().length);
    out.clear();
    out.copy(chunk, 0, 2);
    expect([out.bytes().toString(), since.toString()]).toEqual(['<t', 'ken']);
  });

  it('copies from a chunk that is larger than the room for it', () => {
    const chunk = Buffer.from('y'.repeat(1 << 19));
    const out = new Output();
    out.take(chunk);
    out.copy(chunk, 0, chunk.length);
    expect(out.bytes().equals(chunk)).toBe(true);
  });
});
