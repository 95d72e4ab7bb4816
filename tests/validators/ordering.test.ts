import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDecimals, formatDecimal } from '../../engine/contract/decimal.js';
import { orderingOf } from '../../validators/ordering.js';

const order = (type: Parameters<typeof orderingOf>[0], a: string, b: string) =>
  Math.sign(orderingOf(type)?.compare(a, b) ?? NaN);

describe('numbers', () => {
  const small = fc.record({ units: fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), scale: fc.nat(18) });
  const near = fc.record({ units: fc.bigInt({ min: 10n ** 14n, max: 10n ** 14n + 20n }), scale: fc.nat(3) });

  it.each([
    ['of any size', small],
    ['close to one another, around 15 digits', near],
  ])('%s are in the order of their exact values', (_, decimals) => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const found = order('numeric', formatDecimal(a), formatDecimal(b));
        expect(found).toBe(Math.sign(compareDecimals(a, b)));
        expect(order('numeric', formatDecimal(b), formatDecimal(a))).toBe(found === 0 ? 0 : -found);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('moments', () => {
  it('are in the order of time, whatever their offsets', () => {
    const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });
    const offset = fc.integer({ min: -15, max: 15 });
    const write = (second: number, hours: number) => {
      const local = new Date((second + hours * 3600) * 1000).toISOString().slice(0, 19).replace('T', ' ');
      return `${local}${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}`;
    };
    const inside = (second: number) => Math.min(Math.max(second, -62_135_500_000), 253_402_200_000);
    fc.assert(
      fc.property(
        seconds,
        fc.integer({ min: -100_000, max: 100_000 }),
        offset,
        offset,
        (second, away, left, right) => {
          const [a, b] = [inside(second), inside(second + away)];
          expect(order('timestamptz', write(a, left), write(b, right))).toBe(Math.sign(a - b));
        },
      ),
    );
  });

  it('run through the change of the era without a hole', () => {
    const days = [
      '0002-12-31 BC',
      '0001-01-01 BC',
      '0001-12-31 BC',
      '0001-01-01',
      '0004-02-29',
      '5874897-12-31',
    ];
    days.forEach((day, index) => {
      const next = days[index + 1];
      if (next !== undefined) expect(order('date', day, next)).toBe(-1);
    });
    expect(order('timestamptz', '0001-12-31 23:30:00-01 BC', '0001-01-01 00:30:00+00')).toBe(0);
  });
});

it('text is in the order of its UTF-8 bytes', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\ud7ff', '\ue000', '\uffff', '👍', '🀀') });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(order('text', a, b)).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
  );
});
