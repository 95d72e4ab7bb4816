import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DigestMap, digestOf } from '../../engine/resolve/digest-map.js';

it('keeps what a Map keeps, through growth and deletions', () => {
  const step = fc.record({ text: fc.nat(3000).map(String), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4000, size: 'max' }), (steps) => {
      const [map, model] = [new DigestMap(), new Map<string, number>()];
      for (const [n, { text, remove }] of steps.entries()) {
        if (remove) map.delete(digestOf(text));
        else map.set(digestOf(text), n);
        if (remove) model.delete(text);
        else model.set(text, n);
      }
      expect(map.size).toBe(model.size);
      for (let n = 0; n <= 3000; n++) expect(map.get(digestOf(String(n)))).toBe(model.get(String(n)));
    }),
    { numRuns: 10 },
  );
});
