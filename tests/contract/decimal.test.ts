import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalDecimal,
  compareDecimals,
  formatCanonical,
  formatDecimal,
  multiplyDecimals,
  parseDecimal,
  roundDecimal,
  type Decimal,
} from '../../engine/contract/decimal.js';

const decimals = fc.record({ units: fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), scale: fc.nat(30) });

/** The number times 10^60, where all of the test's numbers are whole. */
const scaled = ({ units, scale }: Decimal) => units * 10n ** BigInt(60 - scale);

function parsed(text: string): Decimal {
  const decimal = parseDecimal(text);
  if (decimal === null) throw new Error(`${text} was not read`);
  return decimal;
}

describe('reading', () => {
  it.each([
    ['0', '0'],
    ['-0', '0'],
    ['-0.00', '0'],
    ['1.0', '1'],
    ['100', '100'],
    ['100.00', '100'],
    ['+1.50', '1.5'],
    ['007', '7'],
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    ['1.25E+1', '12.5'],
    ['12e-1', '1.2'],
    ['1e-7', '0.0000001'],
    ['9223372036854775808', '9223372036854775808'],
    ['0.1000000000000000000000000000000001', '0.1000000000000000000000000000000001'],
    ['1e131071', `1${'0'.repeat(131_071)}`],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalDecimal(text)).toBe(canonical);
  });

  it.each(
    [
      '',
      ' ',
      ' 1',
      '1 ',
      '1\n',
      '.',
      '-',
      '+',
      '--1',
      '1e',
      'e3',
      '1e1.5',
      '1,5',
      '1_000',
      '0x10',
      'NaN',
    ].concat(['Infinity', '-Infinity', '١', '1e131072', '1e9999999999', '1e-16384', '1.5.2', '\u00a01']),
  )('%j is no number', (text) => {
    expect(parseDecimal(text)).toBeNull();
    expect(canonicalDecimal(text)).toBeNull();
  });

  it('stays quick on hostile text', () => {
    const before = process.cpuUsage();
    canonicalDecimal(`0.${'0'.repeat(16_000)}1`);
    canonicalDecimal(`${'1'.repeat(100_000)}x`);
    canonicalDecimal(`1.${'0'.repeat(1_000_000)}x`);
    // Seconds of the processor: what takes the square of the length takes hundreds.
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(1);
  });
});

describe('against BigInt arithmetic', () => {
  it('writes what it reads', () => {
    fc.assert(
      fc.property(decimals, (decimal) => {
        expect(parsed(formatDecimal(decimal))).toEqual(decimal);
        expect(scaled(parsed(formatCanonical(decimal)))).toBe(scaled(decimal));
      }),
    );
  });

  it('has one canonical text for each number', () => {
    fc.assert(
      fc.property(
        decimals,
        fc.nat(20),
        fc.constantFrom('', 'e0', 'E+00'),
        ({ units, scale }, zeros, exponent) => {
          const wider = { units: units * 10n ** BigInt(zeros), scale: scale + zeros };
          const canonical = formatCanonical({ units, scale });
          expect(canonicalDecimal(formatDecimal(wider) + exponent)).toBe(canonical);
          expect(canonicalDecimal(canonical)).toBe(canonical);
          expect(canonical).toMatch(/^(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9])$/);
        },
      ),
    );
  });

  it('moves the point by the exponent', () => {
    fc.assert(
      fc.property(decimals, fc.integer({ min: -29, max: 30 }), (decimal, exponent) => {
        const moved = parsed(`${formatDecimal(decimal)}e${String(exponent)}`);
        const factor = 10n ** BigInt(Math.abs(exponent));
        if (exponent >= 0) expect(scaled(moved)).toBe(scaled(decimal) * factor);
        else expect(scaled(moved) * factor).toBe(scaled(decimal));
      }),
    );
  });

  it('compares and multiplies', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const [left, right] = [scaled(a), scaled(b)];
        expect(Math.sign(compareDecimals(a, b))).toBe(left < right ? -1 : left > right ? 1 : 0);
        expect(scaled(multiplyDecimals(a, b)) * 10n ** 60n).toBe(left * right);
      }),
    );
  });

  it('rounds to the nearest, halves away from zero', () => {
    fc.assert(
      fc.property(decimals, fc.nat(35), (decimal, places) => {
        const rounded = roundDecimal(decimal, places);
        expect(rounded.scale).toBe(places);
        const unit = 10n ** BigInt(60 - places);
        const difference = scaled(rounded) - scaled(decimal);
        expect(2n * difference <= unit && -2n * difference <= unit).toBe(true);
        const isHalf = 2n * difference === unit || -2n * difference === unit;
        if (isHalf) expect(difference > 0n).toBe(decimal.units > 0n);
      }),
    );
  });

  it.each([
    ['0.5', 0, '1'],
    ['-0.5', 0, '-1'],
    ['0.4999999999999999999999', 0, '0'],
    ['-0.4', 0, '0'],
    ['2.675', 2, '2.68'],
    ['9.995', 2, '10.00'],
    ['1', 3, '1.000'],
  ])('rounds %s to %d places: %s', (text, places, result) => {
    expect(formatDecimal(roundDecimal(parsed(text), places))).toBe(result);
  });
});
