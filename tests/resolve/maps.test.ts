import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { IntegerKeyMap } from '../../engine/resolve/integer-key-map.js';
import type { KeyMap } from '../../engine/resolve/key-map.js';
import { TextKeyMap } from '../../engine/resolve/text-key-map.js';
import { WordKeyMap } from '../../engine/resolve/word-key-map.js';
import { INT64, UUID } from '../../engine/resolve/words.js';

const EDGES = [0n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 10n ** 15n, 2n ** 63n, 4294967296n * 1000n];

/** Whole numbers around the edges of 32, 53 and 64 bits and of 15 digits, both signs, few enough to meet again. */
const wholes = fc
  .record({ edge: fc.constantFrom(...EDGES), near: fc.integer({ min: -3, max: 3 }), negative: fc.boolean() })
  .map(({ edge, near, negative }) => ((negative ? -1n : 1n) * (edge + BigInt(near))).toString());

const uuid = (n: number): string => {
  const hex = (n * 2654435761).toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};
const NIL = '00000000-0000-0000-0000-000000000000';
const VEILED = '00000000-0000-0000-0000-000080000000';
const STRANGE = [
  '',
  'x',
  '1.5',
  '-0',
  '01',
  'NaN',
  '["a","b"]',
  '__proto__',
  'ä',
  'a\0b',
  '\ud800',
  '\ufffd',
  '𝄞',
];

const texts = fc.oneof(
  { weight: 6, arbitrary: wholes },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 9 }).map(uuid) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(NIL, VEILED, uuid(1).toUpperCase(), `${uuid(1)} `, 'x'.repeat(3000)),
  },
  { weight: 2, arbitrary: fc.constantFrom(...STRANGE) },
);

interface Action {
  readonly do: 'set' | 'delete' | 'get';
  readonly key: string;
  readonly value: string;
}

const DO = fc.constantFrom<Action['do']>('set', 'set', 'set', 'delete', 'get');
const actions = fc.array(fc.record({ do: DO, key: texts, value: texts }), { maxLength: 80 });

function sameAsMap(map: KeyMap, list: readonly Action[]): void {
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

const KINDS: readonly { readonly name: string; readonly make: () => KeyMap }[] = [
  { name: 'IntegerKeyMap', make: () => new IntegerKeyMap() },
  { name: 'TextKeyMap', make: () => new TextKeyMap() },
  { name: 'uuid → uuid', make: () => new WordKeyMap(UUID, UUID) },
  { name: 'uuid → integer', make: () => new WordKeyMap(UUID, INT64) },
  { name: 'integer → uuid', make: () => new WordKeyMap(INT64, UUID) },
];

describe.each(KINDS)('$name', ({ make }) => {
  it('does what a Map does', () => {
    fc.assert(
      fc.property(actions, (list) => {
        sameAsMap(make(), list);
      }),
      { numRuns: 1000 },
    );
  });

  it('a key whose handle changes its form has the last one', () => {
    const map = make();
    const seen = ['5', 'x', '9007199254740993', uuid(3), NIL, '6', '-9223372036854775808', 'y'].map(
      (value) => {
        map.set('1', value);
        return [map.get('1') === value, map.size];
      },
    );
    expect(seen).toEqual(seen.map(() => [true, 1]));
    map.delete('1');
    expect([map.get('1'), map.size]).toEqual([undefined, 0]);
  });

  it('grows, forgets half and keeps the rest', () => {
    const map = make();
    for (const key of [String, uuid]) {
      for (let n = 0; n < 30_000; n++) map.set(key(n), String(n));
      for (let n = 0; n < 30_000; n += 2) map.delete(key(n));
      let wrong = 0;
      for (let n = 0; n < 30_000; n++) if (map.get(key(n)) !== (n % 2 === 0 ? undefined : String(n))) wrong++;
      expect(wrong).toBe(0);
    }
    expect(map.size).toBe(30_000);
  });

  it('deleting and setting again for ever stays small', () => {
    const map = make();
    const text = (n: number): string => `${uuid(n)} ${'x'.repeat(100)}`;
    for (let n = 0; n < 50_000; n++) {
      map.set(text(n), text(n + 1));
      map.delete(text(n - 10));
    }
    expect([map.size, map.get(text(49_999)), map.get(text(49_980))]).toEqual([10, text(50_000), undefined]);
    expect(map.bytes).toBeLessThan(4 << 20);
  });
});

describe('IntegerKeyMap', () => {
  type Layout = IntegerKeyMap['layout'];
  /** Pseudo-random, the same each time, every number below 2¹⁷ once. */
  const shuffled = (n: number): number => (Math.imul(n, 0x9e3779b1) >>> 3) & 0x1ffff;
  const LAYOUTS: readonly {
    name: string;
    key: (n: number) => number;
    value?: (n: number) => number;
    is: Layout;
  }[] = [
    { name: 'dense', key: (n) => n, is: 'ordered' },
    { name: 'from below zero', key: (n) => n - 50_000, is: 'ordered' },
    { name: 'every 20th', key: (n) => n * 20, is: 'ordered' },
    { name: 'handles in steps of 10', key: (n) => n, value: (n) => n * 10 + 7, is: 'ordered' },
    { name: 'handles that count down', key: (n) => n, value: (n) => -n, is: 'ordered' },
    {
      name: 'a gap in the handles at every 10th',
      key: (n) => n,
      value: (n) => n + Math.floor(n / 10),
      is: 'ordered',
    },
    {
      name: 'keys and handles behind 2⁴⁰',
      key: (n) => 2 ** 40 + n,
      value: (n) => 2 ** 41 + n,
      is: 'ordered',
    },
    { name: 'behind 2³¹', key: (n) => 2_147_483_640 + n, is: 'ordered' },
    { name: 'a gap in the keys', key: (n) => (n < 500 ? n : n + 60_000), is: 'ordered' },
    { name: 'negative, downwards', key: (n) => -n, is: 'placed' },
    { name: 'handles in no order', key: (n) => n, value: shuffled, is: 'placed' },
    { name: 'large handles in no order', key: (n) => n, value: (n) => shuffled(n) * 2 ** 30, is: 'placed' },
    { name: 'negative handles in no order', key: (n) => n, value: (n) => -shuffled(n), is: 'placed' },
    { name: 'keys in no order', key: shuffled, is: 'placed' },
    { name: 'keys in no order behind 2⁴⁰', key: (n) => 2 ** 40 + shuffled(n), is: 'placed' },
    { name: 'down from 999,999,999,999,999', key: (n) => 999_999_999_999_999 - n, is: 'placed' },
    { name: 'every 1,000th', key: (n) => n * 1000, is: 'sparse' },
    { name: 'multiples of 2¹⁶', key: (n) => n * 65_536, is: 'sparse' },
    { name: 'multiples of 2³²', key: (n) => n * 4_294_967_296, is: 'sparse' },
    {
      name: 'a handle beyond 32 bits each',
      key: (n) => n * 1000,
      value: (n) => n * 2 ** 32 - 1,
      is: 'sparse',
    },
  ];
  const COUNT = 100_000;

  test.each(LAYOUTS)('keeps all, $name', ({ key, value = (n) => n, is }) => {
    const map = new IntegerKeyMap();
    for (let n = 0; n < COUNT; n++) map.set(String(key(n)), String(value(n)));
    expect([map.size, map.layout]).toEqual([COUNT, is]);
    let wrong = 0;
    for (let n = 0; n < COUNT; n++) if (map.getNumber(key(n)) !== value(n)) wrong++;
    for (let n = 0; n < COUNT; n += 2) map.delete(String(key(n)));
    for (let n = 0; n < COUNT; n++) {
      if (map.get(String(key(n))) !== (n % 2 === 0 ? undefined : String(value(n)))) wrong++;
    }
    // A late reject that comes again, with another handle.
    for (let n = 0; n < 20_000; n += 2) map.set(String(key(n)), String(n + 7));
    for (let n = 0; n < 20_000; n += 2) if (map.getNumber(key(n)) !== n + 7) wrong++;
    expect([wrong, map.size]).toEqual([0, COUNT / 2 + 10_000]);
  });

  test.each([
    ['2⁵³', 2n ** 53n],
    ['-2⁵³', -(2n ** 53n)],
    ['2⁶³ - 100,000', 2n ** 63n - 100_000n],
    ['-2⁶³', -(2n ** 63n)],
    ['10¹⁵', 10n ** 15n - 50_000n],
    ['10¹⁸', 10n ** 18n - 50_000n],
    ['2³¹', 2n ** 31n - 50_000n],
    ['0', -50_000n],
  ])('100,000 keys from %s on are right to the last digit', (_, first) => {
    const map = new IntegerKeyMap();
    for (let n = 0; n < COUNT; n++) map.set(String(first + BigInt(n)), String(-first - BigInt(n) * 3n));
    expect(map.size).toBe(COUNT);
    let wrong = 0;
    for (let n = 0; n < COUNT; n++) {
      if (map.get(String(first + BigInt(n))) !== String(-first - BigInt(n) * 3n)) wrong++;
      if (map.get(String(first - BigInt(n) - 1n)) !== undefined) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it.each(['9223372036854775808', '-9223372036854775809', '99999999999999999999', '1e3', ' 1', '+1'])(
    '%s, which is no int8, is a key of its own',
    (key) => {
      const map = new IntegerKeyMap();
      map.set(key, '1');
      map.set('1', key);
      expect([map.get(key), map.get('1'), map.size]).toEqual(['1', key, 2]);
    },
  );

  it('keeps dense keys in few bytes, in each layout', () => {
    const bytesOf = (key: (n: number) => number, value: (n: number) => number): number => {
      const map = new IntegerKeyMap();
      for (let n = 0; n < 131_072; n++) map.set(String(key(n)), String(value(n)));
      return map.bytes / 131_072;
    };
    expect(
      bytesOf(
        (n) => n,
        (n) => n,
      ),
    ).toBeLessThan(0.5);
    expect(bytesOf((n) => n, shuffled)).toBeLessThan(8);
    expect(
      bytesOf(
        (n) => n * 1000,
        (n) => n,
      ),
    ).toBeLessThan(17);
  });

  it('layouts that change in the middle of random work lose nothing', () => {
    const parts = fc.array(
      fc.record({
        start: fc.constantFrom(0, 100, 70_000, 2 ** 31, 2 ** 40, -5000),
        step: fc.constantFrom(1, 3, 29, 1000, -1),
        handle: fc.constantFrom(0, 5, 2 ** 33),
        by: fc.constantFrom(1, -1, 7),
        count: fc.integer({ min: 1, max: 1500 }),
        remove: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(parts, (list) => {
        const map = new IntegerKeyMap();
        const model = new Map<string, string>();
        for (const { start, step, handle, by, count, remove } of list) {
          for (let n = 0; n < count; n++) {
            const key = String(start + n * step);
            if (remove && n % 3 === 0) {
              map.delete(key);
              model.delete(key);
            } else {
              map.set(key, String(handle + n * by));
              model.set(key, String(handle + n * by));
            }
          }
        }
        let wrong = map.size === model.size ? 0 : 1;
        for (const [key, value] of model) if (map.get(key) !== value) wrong++;
        expect(wrong).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('getNumber is NaN for what is not there and for what is no number', () => {
    const map = new IntegerKeyMap();
    map.set('1', 'x');
    map.set('2', '9007199254740993');
    expect([map.getNumber(1), map.getNumber(2), map.getNumber(3)]).toEqual([NaN, NaN, NaN]);
    expect([map.get('1'), map.get('2')]).toEqual(['x', '9007199254740993']);
  });
});

describe('getBytes', () => {
  const field = (text: string): [Buffer, number, number] => {
    const buffer = Buffer.from(`1\t${text}\t2`);
    return [buffer, 2, buffer.length - 2];
  };

  test.each([new TextKeyMap(), new WordKeyMap(UUID, INT64)])('finds a key in the bytes of a row', (map) => {
    map.set(uuid(7), '7');
    const found = [uuid(7), uuid(8), '\\N', '', uuid(7).toUpperCase()].map((text) =>
      map.getBytes(...field(text)),
    );
    expect(found).toEqual(['7', undefined, undefined, undefined, undefined]);
  });

  it('leaves escapes alone, of which the text is another', () => {
    const map = new TextKeyMap();
    map.set('a\\\\b', 'bytes');
    map.set('a\\b', 'text');
    map.set('ä', 'umlaut');
    expect(map.getBytes(...field('a\\\\b'))).toBeUndefined();
    expect(map.getBytes(...field('ä'))).toBe('umlaut');
  });
});
