import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Refusal } from '../../engine/compile/program/refusal.js';
import { Row } from '../../engine/compile/program/row.js';
import type { UniqueTest } from '../../engine/compile/program/uniques.js';
import { Claims } from '../../engine/run/unique/claims.js';
import { FirstComes } from '../../engine/run/unique/watch.js';

const AT = { file: 'm.yaml', line: 1, column: 1, length: 1 };
const test = { kind: 'rule', rule: 'unique', argument: ['a'] } as const;

/** A program whose row at hand is a key and a value for each of two rules. */
function program() {
  let now: { key: string; values: readonly (string | null)[] } = { key: '', values: [] };
  const uniques = [0, 1].map((n): UniqueTest => ({
    rule: { name: `unique(${String(n)})`, severity: 'reject', test, at: AT },
    columns: [n],
    identity: ([value = null]) => value,
    of: () => now.values[n] ?? null,
    refusal: () => new Refusal(null, String(n), 'taken', null, AT),
  }));
  return { uniques, key: () => now.key, show: (row: typeof now) => (now = row) };
}

const value = fc.option(fc.integer({ min: 0, max: 5 }).map(String), { nil: null });
const rows = fc.dictionary(fc.integer({ min: 1, max: 12 }).map(String), fc.tuple(value, value)).map((all) =>
  Object.entries(all)
    .map(([key, values]) => ({ key, values }))
    .sort((a, b) => Number(a.key) - Number(b.key)),
);

it('leaves no value twice, whatever stands there and whatever comes; who loses has lost to somebody', () => {
  const row = new Row(1);
  fc.assert(
    fc.property(rows, rows, (stored, source) => {
      const made = program();
      const first = new FirstComes(made);
      // What stands there is the outcome of a first load.
      const there = stored.filter((one) => (made.show(one), first.take(row, () => undefined) === null));
      const claims = new Claims(made, false);
      for (const { key, values } of there) claims.hold(key, values);
      for (const one of source) {
        made.show(one);
        claims.take(row, () => undefined);
      }
      const decided = claims.decide();
      const after = new Map(there.map(({ key, values }) => [key, values]));
      const lost = source.filter((one) => {
        made.show(one);
        const refusal = decided.take(row, () => undefined);
        if (refusal === null) after.set(one.key, one.values);
        return refusal !== null;
      });
      for (const n of [0, 1]) {
        const held = [...after.values()].flatMap((values) => values[n] ?? []);
        expect(new Set(held).size).toBe(held.length);
      }
      for (const { key, values } of source) {
        if (there.some((old) => old.key === key && old.values.join() === values.join())) {
          expect(lost.map((one) => one.key)).not.toContain(key);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

it('gives back what a row took that is a reject after all', () => {
  const made = program();
  for (const watch of [new FirstComes(made), new Claims(made, false)]) {
    const row = new Row(1);
    made.show({ key: '1', values: ['x', null] });
    watch.take(row, () => undefined);
    watch.giveBack();
    made.show({ key: '2', values: ['x', null] });
    const decided = watch.take(row, () => undefined) ?? (watch instanceof Claims ? watch.decide() : null);
    expect(decided instanceof Refusal ? decided : (decided?.take(row, () => undefined) ?? null)).toBeNull();
  }
});
