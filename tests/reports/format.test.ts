import { describe, expect, it } from 'vitest';
import {
  bytes,
  count,
  counted,
  decimal,
  duration,
  moment,
  names,
  share,
  visible,
} from '../../reports/format.js';

describe('figures', () => {
  it.each([
    [count(0), '0'],
    [count(1_249_118), '1,249,118'],
    [counted(1, 'row'), '1 row'],
    [counted(0, 'row'), '0 rows'],
    [counted(2, 'mapping was', 'mappings were'), '2 mappings were'],
    [decimal('4012345.67'), '4,012,345.67'],
    [decimal('-1000'), '-1,000'],
    [decimal('123456789012345678901234567890.10'), '123,456,789,012,345,678,901,234,567,890.10'],
    [decimal('999.123456'), '999.123456'],
    [decimal('2009-03-01'), '2009-03-01'],
    [decimal('NaN'), 'NaN'],
    [decimal(''), ''],
    [share(0, 0), ''],
    [share(0, 10), '0%'],
    [share(4314, 1_249_118), '0.35%'],
    [share(1, 1_000_000), '<0.01%'],
    [share(999_999, 1_000_000), '>99.99%'],
    [share(1, 3), '33.3%'],
    [share(10, 10), '100%'],
    [bytes(812), '812 B'],
    [bytes(4_200_000), '4.2 MB'],
    [moment(new Date(Date.UTC(2026, 10, 22, 9, 5, 7))), '2026-11-22 09:05:07 UTC'],
    [names(['a', 'b', 'c'], 2), 'a, b and 1 more'],
    [names(['a', 'b']), 'a, b'],
  ])('%s is %s', (given, wanted) => {
    expect(given).toBe(wanted);
  });

  it.each([
    [0, '0ms'],
    [999.4, '999ms'],
    [999.6, '1.0s'],
    [4_210, '4.2s'],
    [59_949, '59.9s'],
    [59_960, '1m 00s'],
    [184_000, '3m 04s'],
    [3_599_600, '1h 00m'],
    [3_720_000, '1h 02m'],
  ])('%d ms are %s', (ms, wanted) => {
    expect(duration(ms)).toBe(wanted);
  });

  it.each([
    ['a\u001b[31mb', 'a\\u001b[31mb'],
    ['a\nb\tc\u0000', 'a\\nb\\tc\\u0000'],
    ['\u202egnp.exe', '\\u202egnp.exe'],
    ['Ünïcödé 😀 日本', 'Ünïcödé 😀 日本'],
  ])('makes control characters of %j visible', (given, wanted) => {
    expect(visible(given)).toBe(wanted);
  });
});
