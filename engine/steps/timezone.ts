import type { Failure, StepDefinition } from '../contract/step.js';
import type { Json } from '../contract/value.js';
import { oneOf, part, parts, text, word } from './argument.js';
import { daysOf, parseLocalTime } from './local-time.js';
import { fail } from './quote.js';
import { utcText } from './utc-text.js';
import { plainDayReader, plainDayWriter } from './zone-days.js';
import { openZone, type Stretch, stretchAt, type Zone } from './zone.js';

const GAPS = ['reject', 'after', 'before'] as const;
const OVERLAPS = ['reject', 'first', 'last'] as const;

const ZONE = { type: 'string', minLength: 1, description: 'An IANA name: America/New_York.' };

export const timezone: StepDefinition = {
  name: 'timezone',
  summary:
    'Reads a local time of a zone and gives the instant, in UTC; a date is its midnight, microseconds and infinity stay. ' +
    "A time that the clock skipped rejects unless `gap` moves it by the gap's length, to `after` (as PostgreSQL does) or `before` it; " +
    'one that it showed twice rejects unless `overlap` takes the `first` or the `last` (as PostgreSQL does).',
  argument: {
    anyOf: [
      ZONE,
      parts(
        {
          zone: ZONE,
          gap: oneOf(GAPS, 'For a time that does not exist.'),
          overlap: oneOf(OVERLAPS, 'For a time that exists twice.'),
        },
        ['zone'],
      ),
    ],
  },
  accepts: ['text', 'other', 'date', 'timestamp'],
  output: 'timestamptz',
  kind: 'value',
  make: (argument) => converter(readOptions(argument)),
  direct: (argument) => plainDayWriter(readOptions(argument).zone),
  examples: [
    {
      argument: 'America/New_York',
      given: '2020-01-31 12:00:00.123456',
      gives: '2020-01-31 17:00:00.123456+00',
    },
    { argument: 'America/New_York', given: '2020-07-01', gives: '2020-07-01 04:00:00+00' },
    {
      argument: 'America/New_York',
      given: '2020-03-08 02:30:00',
      gives: { fails: '"2020-03-08 02:30:00" does not exist in America/New_York: the clock skipped it' },
    },
    {
      argument: { zone: 'America/New_York', gap: 'after' },
      given: '2020-03-08 02:30:00',
      gives: '2020-03-08 07:30:00+00',
    },
    {
      argument: 'America/New_York',
      given: '2020-11-01 01:30:00',
      gives: { fails: '"2020-11-01 01:30:00" exists twice in America/New_York: the clock was set back' },
    },
    {
      argument: { zone: 'America/New_York', overlap: 'first' },
      given: '2020-11-01 01:30:00',
      gives: '2020-11-01 05:30:00+00',
    },
    { argument: 'Asia/Kolkata', given: 'infinity', gives: 'infinity' },
    {
      argument: 'America/New_York',
      given: '2020-01-31 12:00:00+02',
      gives: { fails: '"2020-01-31 12:00:00+02" is no local date or time' },
    },
  ],
};

/** From 4713 BC, where PostgreSQL's timestamps begin, to the end of JavaScript's dates, on which Intl works. */
const [FIRST_YEAR, LAST_YEAR] = [-4712, 275_758];

interface Options {
  readonly name: string;
  readonly zone: Zone;
  readonly gap: (typeof GAPS)[number];
  readonly overlap: (typeof OVERLAPS)[number];
}

function readOptions(argument: Json): Options {
  const name = text(part(argument, 'zone') ?? argument, 'timezone');
  return {
    name,
    zone: openZone(name),
    gap: word(part(argument, 'gap') ?? 'reject', GAPS, 'gap'),
    overlap: word(part(argument, 'overlap') ?? 'reject', OVERLAPS, 'overlap'),
  };
}

function converter(options: Options): (value: string) => string | Failure {
  const fast = plainDayReader(options.zone);
  return (value) => fast(value) ?? convert(value, options);
}

/** Any value. Takes about 1 µs. */
function convert(value: string, options: Options): string | Failure {
  const local = parseLocalTime(value);
  if (local === null) return isInfinite(value) ? value : fail(value, 'is no local date or time');
  if (local.year < FIRST_YEAR || local.year > LAST_YEAR)
    return fail(value, 'is too far away for a time zone');
  const seconds = daysOf(local) * 86_400 + local.second;
  const offset = chooseOffset(stretchAt(options.zone(local.year), seconds), options);
  return typeof offset === 'string' ? fail(value, offset) : utcText(seconds - offset, local.fraction);
}

function isInfinite(value: string): boolean {
  return value === 'infinity' || value === '-infinity';
}

/** The offset for a time, or why there is none. */
function chooseOffset({ offsets, around }: Stretch, { name, gap, overlap }: Options): number | string {
  const [first] = offsets;
  const last = offsets.at(-1);
  if (first === undefined || last === undefined) {
    if (gap === 'reject') return `does not exist in ${name}: the clock skipped it`;
    return gap === 'after' ? around[0] : around[1];
  }
  if (first === last) return first;
  if (overlap === 'reject') return `exists twice in ${name}: the clock was set back`;
  return overlap === 'first' ? first : last;
}
