import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { BaseType } from '../../engine/contract/value.js';
import { IntegerKeyMap, TextKeyMap, canonicalKey, type KeyMap } from '../../engine/resolve/key-map.js';

const EDGES = [0n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 10n ** 15n, 2n ** 63n, 4294967296n * 1000n];

/** Whole numbers around the edges of 32, 53 and 64 bits and of 15 digits, both signs, few enough to meet again. */
const wholes = fc
  .record({ edge: fc.constantFrom(...EDGES), near: fc.integer({ min: -3, max: 3 }), negative: fc.boolean() })
  .map(({ edge, near, negative }) => ((negative ? -1n : 1n) * (edge + BigInt(near))).toString());

const texts = fc.oneof(
  { weight: 6, arbitrary: wholes },
  { weight: 1, arbitrary: fc.constantFrom('', 'x', '1.5', '-0', '01', 'NaN', '["a","b"]', '__proto__') },
);

const actions = fc.array(
  fc.record({ do: fc.constantFrom('set', 'set', 'set', 'delete', 'get'), key: texts, value: texts }),
  { maxLength: 60 },
);

function sameAsMap(map: KeyMap, list: readonly { do: string; key: string; value: string }[]): void {
  const model = new Map<string, string>();
  for (const { do: what, key, value } of list) {
    if (what === 'set') {
      map.set(key, value);
      model.set(key, value);
    } else if (what === 'delete') {
      map.delete(key);
      model.delete(key);
    }
    expect(map.get(key)).toBe(model.get(key));
    expect(map.size).toBe(model.size);
  }
  for (const [key, value] of model) expect(map.get(key)).toBe(value);
}

describe.each([
  { name: 'IntegerKeyMap', make: () => new IntegerKeyMap() },
  { name: 'TextKeyMap', make: () => new TextKeyMap() },
])('$name', ({ make }) => {
  it('does what a Map does', () => {
    fc.assert(
      fc.property(actions, (list) => {
        sameAsMap(make(), list);
      }),
      { numRuns: 2000 },
    );
  });

  it('a key that changes from a number to text and back has its last value', () => {
    const map = make();
    const seen = ['5', 'x', '6', 'y'].map((value) => {
      map.set('1', value);
      return [map.get('1'), map.size];
    });
    expect(seen).toEqual([
      ['5', 1],
      ['x', 1],
      ['6', 1],
      ['y', 1],
    ]);
    map.delete('1');
    expect([map.get('1'), map.size]).toEqual([undefined, 0]);
  });
});

describe('IntegerKeyMap', () => {
  const LAYOUTS: readonly { name: string; key: (n: number) => number }[] = [
    { name: 'dense', key: (n) => n },
    { name: 'negative', key: (n) => -n },
    { name: 'every 1,000th', key: (n) => n * 1000 },
    { name: 'multiples of 2¹⁶', key: (n) => n * 65_536 },
    { name: 'multiples of 2³²', key: (n) => n * 4_294_967_296 },
    { name: 'behind 2³¹', key: (n) => 2_147_483_640 + n },
    { name: 'behind 2⁴⁰', key: (n) => 2 ** 40 + n },
    { name: 'down from 999,999,999,999,999', key: (n) => 999_999_999_999_999 - n },
  ];

  test.each(LAYOUTS)('grows and keeps all, $name', ({ key }) => {
    const map = new IntegerKeyMap();
    const count = 100_000;
    for (let n = 0; n < count; n++) map.set(String(key(n)), String(n));
    expect(map.size).toBe(count);
    let wrong = 0;
    for (let n = 0; n < count; n++) if (map.getNumber(key(n)) !== n) wrong++;
    for (let n = 0; n < count; n += 2) map.delete(String(key(n)));
    for (let n = 0; n < count; n++) {
      if (map.get(String(key(n))) !== (n % 2 === 0 ? undefined : String(n))) wrong++;
    }
    expect([wrong, map.size]).toEqual([0, count / 2]);
  });

  it('deleting and setting again for ever stays small and quick', () => {
    const map = new IntegerKeyMap();
    for (let n = 0; n < 300_000; n++) {
      map.set(String(n), '1');
      map.delete(String(n - 10));
    }
    expect([map.size, map.get('299999'), map.get('299980')]).toEqual([10, '1', undefined]);
  });

  it('getNumber is NaN for what is not there and for what is no number', () => {
    const map = new IntegerKeyMap();
    map.set('1', 'x');
    map.set('2', '9007199254740993');
    expect([map.getNumber(1), map.getNumber(2), map.getNumber(3)]).toEqual([NaN, NaN, NaN]);
    expect([map.get('1'), map.get('2')]).toEqual(['x', '9007199254740993']);
  });
});

describe('canonicalKey', () => {
  test.each<{ texts: readonly string[]; types: readonly BaseType[]; gives: string }>([
    { texts: ['7'], types: ['integer'], gives: '7' },
    { texts: ['7.00'], types: ['numeric'], gives: '7' },
    { texts: ['-0.0'], types: ['numeric'], gives: '0' },
    { texts: ['1e+03'], types: ['float'], gives: '1000' },
    { texts: ['NaN'], types: ['numeric'], gives: 'NaN' },
    { texts: ['7.00'], types: ['text'], gives: '7.00' },
    { texts: ['007'], types: ['integer'], gives: '7' },
    { texts: ['x'], types: ['integer'], gives: 'x' },
    { texts: [' 7 '], types: ['integer'], gives: '7' },
    { texts: [' 7 '], types: ['text'], gives: ' 7 ' },
    { texts: ['t'], types: ['boolean'], gives: 'true' },
    { texts: ['false'], types: ['boolean'], gives: 'false' },
    { texts: ['t'], types: ['text'], gives: 't' },
    { texts: ['1', 'f'], types: ['integer', 'boolean'], gives: '["1","false"]' },
    { texts: [''], types: ['text'], gives: '' },
    { texts: ['a', '7.0'], types: ['text', 'numeric'], gives: '["a","7"]' },
    { texts: ['a","b', 'c'], types: ['text', 'text'], gives: '["a\\",\\"b","c"]' },
    { texts: ['9007199254740993', '1'], types: ['integer', 'integer'], gives: '["9007199254740993","1"]' },
  ])('$texts as $types', ({ texts: given, types, gives }) => {
    expect(canonicalKey(given, types)).toBe(gives);
  });

  it('is equal for two keys exactly when all their parts are', () => {
    const part = fc.constantFrom('', 'a', '"', '","', '[', '1', '1.0', '2');
    const key = fc.tuple(part, part);
    fc.assert(
      fc.property(key, key, (a, b) => {
        const types: readonly BaseType[] = ['text', 'text'];
        const same = a[0] === b[0] && a[1] === b[1];
        expect(canonicalKey(a, types) === canonicalKey(b, types)).toBe(same);
      }),
    );
  });
});
