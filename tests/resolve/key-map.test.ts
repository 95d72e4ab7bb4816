import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { BaseType } from '../../engine/contract/value.js';
import { canonicalKey } from '../../engine/resolve/key-map.js';

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
