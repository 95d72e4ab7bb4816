import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, prepare } from './apply.js';

describe('parse_date', () => {
  it.each([
    ['YYYY-MM-DD', '2020-02-29', '2020-02-29'],
    ['M/D/YYYY', '12/5/2020', '2020-12-05'],
    ['D.M.YYYY', '05.06.2020', '2020-06-05'],
    ['YYYYMMDD', '20200131', '2020-01-31'],
    ['YYYY-MM-DDTHH:mm:ss', '2020-01-31T00:00:00', '2020-01-31 00:00:00'],
    ['YYYY-MM-DD HH:mm:ss.SSSSSS', '0001-01-01 23:59:59.100000', '0001-01-01 23:59:59.1'],
    ['[on] DD/MM/YYYY [at] H', 'on 31/12/1999 at 7', '1999-12-31 07:00:00'],
  ])('%s reads %s', (pattern, given, result) => {
    expect(apply('parse_date', pattern, given)).toBe(result);
  });

  it.each([
    [
      'DD.MM.YYYY',
      ['', ' ', '00.01.2020', '31.04.2020', '29.02.2019', '29.02.1900', '01.13.2020', '01.00.2020'],
    ],
    [
      'DD.MM.YYYY',
      ['01.01.0000', '1.1.2020', '01.01.20', ' 01.01.2020', '01.01.2020 ', '01.01.2020x', '01/01/2020'],
    ],
    ['DD.MM.YYYY', ['01.01.٢٠٢٠', '01.01.-200', '+1.01.2020', '01.01.2020\n']],
    [
      'YYYY-MM-DD HH:mm:ss',
      ['2020-01-01 24:00:00', '2020-01-01 00:60:00', '2020-01-01 00:00:60', '2020-01-01'],
    ],
    ['YYYY-MM-DD ss:mm:HH.S', ['2020-01-01 00:00:00.12']],
  ])('%s refuses %j', (pattern, given) => {
    for (const value of given) {
      expect(apply('parse_date', pattern, value)).toEqual({
        fails: `"${value}" is no date of the form ${pattern}`,
      });
    }
  });

  it('reads back what format_date writes', () => {
    const pattern = 'D|M|YYYY HH-mm-ss,SSSSSS';
    const [write, read] = [prepare('format_date', pattern), prepare('parse_date', pattern)];
    const date = fc.date({
      noInvalidDate: true,
      min: new Date('0001-01-01'),
      max: new Date('9999-12-31T23:59:59Z'),
    });
    fc.assert(
      fc.property(date, (instant) => {
        const iso = instant.toISOString().slice(0, 19).replace('T', ' ');
        const written = write(iso);
        expect(typeof written === 'string' ? read(written) : written).toBe(iso);
      }),
    );
  });
});

it.each([
  ['YYYY-MM-DD', '2020-01-31', '2020-01-31'],
  ['D/M H:mm', '2020-01-05 09:00:00', '5/1 9:00'],
  ['SSSSSS', '2020-01-31 12:00:00.5', '500000'],
  ['YYYY', '10000-01-01', '10000'],
  ['[YYYY]', '2020-01-31', 'YYYY'],
])('format_date %s writes %s', (pattern, given, result) => {
  expect(apply('format_date', pattern, given)).toBe(result);
});

it.each(['0044-03-15 BC', '-infinity', '2020-02-30', '2020-01-31 12:00:00+00', '', 'today'])(
  'format_date refuses %j',
  (given) => {
    expect(apply('format_date', 'YYYY', given)).toEqual({
      fails: `"${given}" is no date that can be written in a form`,
    });
  },
);

describe('epoch', () => {
  it.each([
    ['seconds', '0', '1970-01-01 00:00:00+00'],
    ['seconds', '-1', '1969-12-31 23:59:59+00'],
    ['seconds', '-0.000001', '1969-12-31 23:59:59.999999+00'],
    ['seconds', '1.5e9', '2017-07-14 02:40:00+00'],
    ['seconds', '-62135596801', '0001-12-31 23:59:59+00 BC'],
    ['seconds', '-210866803200', '4714-11-24 00:00:00+00 BC'],
    ['seconds', '9224318015999', '294276-12-31 23:59:59+00'],
    ['milliseconds', '1580472000100', '2020-01-31 12:00:00.1+00'],
    ['milliseconds', '0.5', '1970-01-01 00:00:00.0005+00'],
    ['microseconds', '1580472000123456', '2020-01-31 12:00:00.123456+00'],
  ])('%s %s is %s', (unit, given, result) => {
    expect(apply('epoch', unit, given)).toBe(result);
  });

  it.each([
    ['seconds', '9224318016000', 'is beyond the years of PostgreSQL'],
    ['seconds', '-210866803201', 'is beyond the years of PostgreSQL'],
    ['seconds', '1e40', 'is beyond the years of PostgreSQL'],
    ['microseconds', '0.1', 'is finer than a microsecond'],
    ['seconds', 'NaN', 'is no number'],
    ['seconds', ' 1', 'is no number'],
  ])('%s refuses %s', (unit, given, reason) => {
    expect(apply('epoch', unit, given)).toEqual({ fails: `"${given}" ${reason}` });
  });

  it('agrees with JavaScript within its range', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (milliseconds) => {
        const [date, seconds, fraction] = new Date(milliseconds).toISOString().split(/[T.Z]/);
        const digits = fraction === undefined ? '' : `.${fraction}`.replace(/\.?0+$/, '');
        expect(apply('epoch', 'milliseconds', String(milliseconds))).toBe(
          `${date ?? ''} ${seconds ?? ''}${digits}+00`,
        );
      }),
    );
  });
});
