import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { canonicalDecimal } from '../../engine/contract/decimal.js';
import type { BaseType, Scalar } from '../../engine/contract/value.js';
import { ValueMap } from '../../engine/resolve/value-map.js';

/** A key as YAML reads it: digits are a number, `true` is a boolean, quotes make text. */
function scalar(written: string): Scalar {
  if (written.startsWith("'")) return { type: 'string', text: written.slice(1, -1) };
  if (written === 'true' || written === 'false') return { type: 'boolean', text: written };
  return { type: canonicalDecimal(written) === null ? 'string' : 'number', text: written };
}

function mapOf(from: BaseType, keys: readonly string[]): ValueMap {
  const map = new ValueMap(from);
  for (const key of keys) if (!map.add(scalar(key), key)) throw new Error(`${key} stands twice`);
  return map;
}

describe('keys compare by value', () => {
  test.each<{ from: BaseType; keys: readonly string[]; value: string; gives: string | undefined }>([
    { from: 'text', keys: ['N'], value: 'N', gives: 'N' },
    { from: 'text', keys: ['N'], value: 'n', gives: undefined },
    { from: 'text', keys: ['N'], value: ' N', gives: undefined },
    { from: 'text', keys: ["''"], value: '', gives: "''" },
    { from: 'text', keys: ['1'], value: '1', gives: '1' },
    { from: 'text', keys: ['1'], value: '1.0', gives: '1' },
    { from: 'text', keys: ['1'], value: '01', gives: '1' },
    { from: 'text', keys: ['1'], value: 'x', gives: undefined },
    { from: 'text', keys: ["'1'"], value: '1', gives: "'1'" },
    { from: 'text', keys: ["'1'"], value: '1.0', gives: undefined },
    { from: 'text', keys: ["'01'"], value: '1', gives: undefined },
    { from: 'text', keys: ["'01'", '2'], value: '01', gives: "'01'" },
    { from: 'text', keys: ['__proto__'], value: '__proto__', gives: '__proto__' },
    { from: 'text', keys: ['N'], value: '__proto__', gives: undefined },
    { from: 'integer', keys: ['1'], value: '1', gives: '1' },
    { from: 'integer', keys: ['1.0'], value: '1', gives: '1.0' },
    { from: 'integer', keys: ["'7'"], value: '7', gives: "'7'" },
    { from: 'integer', keys: ["'7.00'"], value: '7', gives: "'7.00'" },
    { from: 'integer', keys: ["'x'"], value: '7', gives: undefined },
    { from: 'integer', keys: ['-1'], value: '-1', gives: '-1' },
    { from: 'integer', keys: ['0'], value: '0', gives: '0' },
    { from: 'integer', keys: ['9007199254740993'], value: '9007199254740993', gives: '9007199254740993' },
    { from: 'integer', keys: ['9007199254740993'], value: '9007199254740992', gives: undefined },
    { from: 'numeric', keys: ['1'], value: '1.00', gives: '1' },
    { from: 'numeric', keys: ['1.10'], value: '1.1', gives: '1.10' },
    { from: 'numeric', keys: ['0.1'], value: '0.10000000000000001', gives: undefined },
    { from: 'numeric', keys: ["'NaN'"], value: 'NaN', gives: "'NaN'" },
    { from: 'numeric', keys: ['0'], value: 'NaN', gives: undefined },
    { from: 'float', keys: ['1000'], value: '1e+03', gives: '1000' },
    { from: 'float', keys: ["'-Infinity'"], value: '-Infinity', gives: "'-Infinity'" },
    { from: 'float', keys: ['0'], value: '-0', gives: '0' },
    { from: 'boolean', keys: ['true', 'false'], value: 'true', gives: 'true' },
    { from: 'boolean', keys: ['true', 'false'], value: 'false', gives: 'false' },
    {
      from: 'uuid',
      keys: ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
      value: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      gives: "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
    },
    { from: 'date', keys: ["'2020-01-01'"], value: '2020-01-01', gives: "'2020-01-01'" },
    { from: 'timestamp', keys: ["'infinity'"], value: 'infinity', gives: "'infinity'" },
  ])('$from $value in {$keys}', ({ from, keys, value, gives }) => {
    expect(mapOf(from, keys).get(value)).toBe(gives);
  });

  test.each<{ from: BaseType; first: string; second: string; twice: boolean }>([
    { from: 'integer', first: '1', second: '1.0', twice: true },
    { from: 'integer', first: '1', second: "'1'", twice: true },
    { from: 'text', first: '1', second: '1.0', twice: true },
    { from: 'text', first: "'1'", second: "'1.0'", twice: false },
    { from: 'text', first: "'a'", second: "'a'", twice: true },
    { from: 'text', first: "'a'", second: "'A'", twice: false },
    { from: 'text', first: "'a'", second: "'a '", twice: false },
    { from: 'numeric', first: "'NaN'", second: "'NaN'", twice: true },
    { from: 'boolean', first: 'true', second: 'true', twice: true },
  ])('$first and $second are one key of $from: $twice', ({ from, first, second, twice }) => {
    const map = mapOf(from, [first]);
    expect(map.add(scalar(second), 'second')).toBe(!twice);
    expect(map.size).toBe(twice ? 1 : 2);
    expect(map.get(scalar(first).text)).toBe(first);
    if (!twice) expect(map.get(scalar(second).text)).toBe('second');
  });

  it('tells a key with a null value from a key that is not there', () => {
    const map = new ValueMap('text');
    map.add({ type: 'string', text: 'a' }, null);
    expect([map.get('a'), map.get('b')]).toEqual([null, undefined]);
  });

  it('is empty at first', () => {
    expect([new ValueMap('integer').size, new ValueMap('integer').get('1')]).toEqual([0, undefined]);
  });

  it('finds a number however it is written, and no other number', () => {
    const number = fc.record({
      units: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      zeros: fc.nat({ max: 4 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom<BaseType>('integer', 'numeric', 'float', 'text'),
        number,
        number,
        (from, a, b) => {
          const map = new ValueMap(from);
          map.add({ type: 'number', text: a.units.toString() }, 'found');
          const written = b.units.toString() + (b.zeros > 0 ? `.${'0'.repeat(b.zeros)}` : '');
          expect(map.get(written)).toBe(a.units === b.units ? 'found' : undefined);
          expect(map.get(`${a.units.toString()}.${'0'.repeat(a.zeros)}`)).toBe('found');
        },
      ),
    );
  });
});
