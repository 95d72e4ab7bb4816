import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, prepare } from './apply.js';

const NY = 'America/New_York';

// Results are PostgreSQL 15's: timestamp … at time zone …, in a session in UTC.
it.each([
  [NY, '2020-01-31', '2020-01-31 05:00:00+00'],
  [NY, '2020-01-31 12:00:00', '2020-01-31 17:00:00+00'],
  [NY, '2020-12-31 23:59:59.999999', '2021-01-01 04:59:59.999999+00'],
  [NY, '2020-01-31T12:00:00.500', '2020-01-31 17:00:00.5+00'],
  [NY, '2020-01-31 12:00', '2020-01-31 17:00:00+00'],
  [NY, '2020-03-08 01:59:59.999999', '2020-03-08 06:59:59.999999+00'],
  [NY, '2020-03-08 03:00:00', '2020-03-08 07:00:00+00'],
  [NY, '2020-11-01 00:59:59', '2020-11-01 04:59:59+00'],
  [NY, '2020-11-01 02:00:00', '2020-11-01 07:00:00+00'],
  [NY, '2150-07-01 12:00:00', '2150-07-01 16:00:00+00'],
  [NY, '1800-01-01 00:00:00', '1800-01-01 04:56:02+00'],
  [NY, '0044-03-15 12:00:00 BC', '0044-03-15 16:56:02+00 BC'],
  [NY, '0001-12-31 23:00:00 BC', '0001-01-01 03:56:02+00'],
  [NY, '12020-01-31 12:00:00', '12020-01-31 17:00:00+00'],
  ['Asia/Kolkata', '2020-01-01 00:00:00', '2019-12-31 18:30:00+00'],
  ['Asia/Kathmandu', '2020-03-01 05:44:00', '2020-02-29 23:59:00+00'],
  ['Australia/Lord_Howe', '2020-04-05 02:00:00', '2020-04-04 15:30:00+00'],
  ['Pacific/Apia', '2011-12-29 23:59:59', '2011-12-30 09:59:59+00'],
  ['Pacific/Apia', '2011-12-31 00:00:00', '2011-12-30 10:00:00+00'],
  ['UTC', '2020-02-29 00:00:00', '2020-02-29 00:00:00+00'],
  [NY, 'infinity', 'infinity'],
  [NY, '-infinity', '-infinity'],
])('%s: %s is %s', (zone, given, result) => {
  expect(apply('timezone', zone, given)).toBe(result);
});

describe('times that do not exist or exist twice', () => {
  const gap = '2020-03-08 02:30:00.5';
  const overlap = '2020-11-01 01:30:00.5';
  it.each([
    [NY, {}, gap, { fails: `"${gap}" does not exist in ${NY}: the clock skipped it` }],
    [NY, { overlap: 'first' }, gap, { fails: `"${gap}" does not exist in ${NY}: the clock skipped it` }],
    [NY, { gap: 'after' }, gap, '2020-03-08 07:30:00.5+00'],
    [NY, { gap: 'before' }, gap, '2020-03-08 06:30:00.5+00'],
    [NY, {}, overlap, { fails: `"${overlap}" exists twice in ${NY}: the clock was set back` }],
    [NY, { gap: 'after' }, overlap, { fails: `"${overlap}" exists twice in ${NY}: the clock was set back` }],
    [NY, { overlap: 'first' }, overlap, '2020-11-01 05:30:00.5+00'],
    [NY, { overlap: 'last' }, overlap, '2020-11-01 06:30:00.5+00'],
    ['America/Sao_Paulo', { gap: 'after' }, '2018-11-04', '2018-11-04 03:00:00+00'],
    ['Pacific/Apia', { gap: 'after' }, '2011-12-30 12:00:00', '2011-12-30 22:00:00+00'],
    ['Australia/Lord_Howe', { overlap: 'last' }, '2020-04-05 01:45:00', '2020-04-04 15:15:00+00'],
  ])('%s %j: %s', (zone, choice, given, result) => {
    expect(apply('timezone', { zone, ...choice }, given)).toEqual(result);
  });
});

it.each(
  ['', ' ', 'x', '2020-02-30', '2020-1-31', '2020-01-31 24:00:00', '2020-01-31 12:00:00Z', '12:00:00'].concat(
    [
      '2020-01-31 12:00:00+00',
      '0000-00-00 00:00:00',
      '0000-01-01',
      '2020-01-31 12:00:00.1234567',
      '2020-01-31 12:00:0x',
    ],
    [
      ' 2020-01-31',
      '2020-01-31 ',
      '2020-01-31x12:00:00',
      '2020-01-31 12-00-00',
      'now',
      '2020-01-31 12:00:00.',
    ],
  ),
)('refuses %j', (given) => {
  expect(apply('timezone', NY, given)).toEqual({ fails: `"${given}" is no local date or time` });
});

it.each(['294000-01-01', '275759-01-01 00:00:00', '4714-12-01 00:00:00 BC'])(
  'refuses %s as too far',
  (given) => {
    expect(apply('timezone', NY, given)).toEqual({ fails: `"${given}" is too far away for a time zone` });
  },
);

describe('against Intl', () => {
  const ZONES = [
    NY,
    'Europe/London',
    'Europe/Dublin',
    'Africa/Casablanca',
    'America/St_Johns',
    'Asia/Tehran',
  ].concat([
    'Pacific/Apia',
    'Australia/Lord_Howe',
    'America/Caracas',
    'Asia/Gaza',
    'Africa/Monrovia',
    'Antarctica/Troll',
  ]);

  /** The local time that a clock in the zone shows, as PostgreSQL writes it. */
  function clock(zone: string): (instant: Date) => string {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    return (instant) => {
      const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
      const date = `${(part['year'] ?? '').padStart(4, '0')}-${part['month'] ?? ''}-${part['day'] ?? ''}`;
      const time = `${part['hour'] ?? ''}:${part['minute'] ?? ''}:${part['second'] ?? ''}`;
      return `${date} ${time}${part['era'] === 'BC' ? ' BC' : ''}`;
    };
  }

  it.each(ZONES)('%s: each instant is found again from its local time', (zone) => {
    const show = clock(zone);
    const utc = clock('UTC');
    const [strict, first, last] = [{}, { overlap: 'first' }, { overlap: 'last' }].map((choice) =>
      prepare('timezone', { zone, ...choice }),
    );
    const seconds = fc.oneof(
      fc.integer({ min: -2_208_988_800, max: 4_102_444_800 }),
      fc.integer({ min: -100_000_000_000, max: 300_000_000_000 }),
    );
    fc.assert(
      fc.property(seconds, (second) => {
        const instant = new Date(second * 1000);
        const text = utc(instant).replace(/( BC)?$/, '+00$1');
        const local = show(instant);
        expect([first?.(local), last?.(local)]).toContain(text);
        const sure = strict?.(local);
        expect(typeof sure === 'string' ? sure : text).toBe(text);
      }),
      { numRuns: 150 },
    );
  });
});
