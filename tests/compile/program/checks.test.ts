import { describe, expect, it, test } from 'vitest';
import { checkFunction, sureBytes } from '../../../engine/compile/program/checks.js';
import type { Check } from '../../../engine/contract/compiled.js';
import { Failure } from '../../../engine/contract/step.js';

/** The value as it is loaded, or null where it is refused. */
function passed(check: Check, value: string): string | null {
  const result = checkFunction(check)?.run(value);
  return result === undefined || result instanceof Failure ? null : result;
}

const INT2: Check = { kind: 'integer', min: -32768n, max: 32767n };
const OID: Check = { kind: 'integer', min: 0n, max: 4294967295n };
const digits = (precision: number, scale: number): Check => ({ kind: 'digits', precision, scale });
const length = (max: number, more: { exact?: boolean; padded?: boolean } = {}): Check => ({
  kind: 'length',
  max,
  exact: more.exact ?? false,
  padded: more.padded ?? false,
});

describe('checks', () => {
  const CASES: readonly (readonly [check: Check, value: string, gives: string | null])[] = [
    [INT2, '32767', '32767'],
    [INT2, '32768', null],
    [INT2, '-32768', '-32768'],
    [INT2, '-32769', null],
    [INT2, '1.0', '1'],
    [INT2, '1.5', null],
    [INT2, ' 7\n', '7'],
    [INT2, '\u00a07', null],
    [INT2, '', null],
    [INT2, 'NaN', null],
    [OID, '0', '0'],
    [OID, '-5', null],
    [OID, '4294967295', '4294967295'],
    [digits(4, 2), '99.99', '99.99'],
    [digits(4, 2), '99.990', '99.990'],
    [digits(4, 2), '1.005', null],
    [digits(4, 2), '100', null],
    [digits(4, 2), 'NaN', 'NaN'],
    [digits(4, 2), 'Infinity', null],
    [digits(3, -2), '12300', '12300'],
    [digits(3, -2), '12350', null],
    [digits(3, -2), '100000', null],
    [digits(2, 4), '0.0099', '0.0099'],
    [digits(2, 4), '0.01', null],
    [length(3), 'abc', 'abc'],
    [length(3), 'abcd', null],
    [length(3), 'abc   ', 'abc   '],
    [length(3), '😀😀😀', '😀😀😀'],
    [length(3), '😀😀😀😀', null],
    [length(3, { padded: true }), 'a     ', 'a     '],
    [length(3, { exact: true }), '101', '101'],
    [length(3, { exact: true }), '10', null],
    [length(3, { exact: true }), '', null],
    [{ kind: 'labels', labels: ['a', ''] }, 'A', null],
    [{ kind: 'labels', labels: ['a', ''] }, '', ''],
    [{ kind: 'boolean' }, 'yes', 'true'],
    [{ kind: 'boolean' }, ' OFF ', 'false'],
    [{ kind: 'boolean' }, '0', 'false'],
    [{ kind: 'boolean' }, 'o', null],
    [{ kind: 'boolean' }, '2', null],
    [{ kind: 'uuid' }, ' a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', null],
    [{ kind: 'number' }, '1e400', '1e400'],
    [{ kind: 'number' }, '', null],
    [{ kind: 'number' }, '\u00a07', null],
  ];
  const named = CASES.map(([check, value, gives]) => ({ kind: check.kind, check, value, gives }));
  test.each(named)('$kind: $value gives $gives', ({ check, value, gives }) => {
    expect(passed(check, value)).toBe(gives);
  });

  test.each<[readonly Check[], number]>([
    [[], Infinity],
    [[{ kind: 'not_null' }], Infinity],
    [[{ kind: 'not_null' }, length(5)], 5],
    [[length(5, { exact: true })], -1],
    [[{ kind: 'labels', labels: ['a'] }], -1],
  ])('%j hold for values of %d bytes', (checks, bytes) => {
    expect(sureBytes(checks)).toBe(bytes);
  });

  it('a long run of spaces inside a text takes no squares of its length', () => {
    const value = `${' '.repeat(300_000)}x`;
    const before = process.cpuUsage();
    for (const check of [
      INT2,
      digits(4, 2),
      length(3),
      length(3, { padded: true }),
      { kind: 'number' } as const,
    ]) {
      expect(passed(check, `x${value}`)).toBeNull();
    }
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2);
  });
});
