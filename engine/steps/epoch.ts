import { compareDecimals, parseDecimal, roundDecimal } from '../contract/decimal.js';
import type { Failure, StepDefinition } from '../contract/step.js';
import { oneOf, word } from './argument.js';
import { daysFromDate } from './calendar.js';
import { fail } from './quote.js';
import { utcText } from './utc-text.js';

const UNITS = ['seconds', 'milliseconds', 'microseconds'] as const;

/** Digits by which the unit is smaller than a second. */
const SHIFT = { seconds: 0, milliseconds: 3, microseconds: 6 };

/** The seconds that PostgreSQL's timestamps reach: from 4714-11-24 BC to the end of 294276. */
const FIRST = daysFromDate(-4713, 11, 24) * 86_400;
const END = daysFromDate(294_277, 1, 1) * 86_400;

export const epoch: StepDefinition = {
  name: 'epoch',
  summary:
    'Reads the time passed since 1970-01-01 00:00 UTC, exactly. What is finer than a microsecond rejects: put `round` before it.',
  argument: oneOf(UNITS, 'What the number counts.'),
  accepts: ['integer', 'numeric', 'float', 'text', 'other'],
  output: 'timestamptz',
  kind: 'value',
  make: (argument) => {
    const shift = SHIFT[word(argument, UNITS, 'epoch')];
    return (value) => instantText(value, shift);
  },
  examples: [
    { argument: 'seconds', given: '1580472000', gives: '2020-01-31 12:00:00+00' },
    { argument: 'milliseconds', given: '1580472000123', gives: '2020-01-31 12:00:00.123+00' },
    { argument: 'microseconds', given: '-1', gives: '1969-12-31 23:59:59.999999+00' },
    { argument: 'seconds', given: '0.25', gives: '1970-01-01 00:00:00.25+00' },
    {
      argument: 'seconds',
      given: '0.1234567',
      gives: { fails: '"0.1234567" is finer than a microsecond' },
    },
    { argument: 'seconds', given: '', gives: { fails: '"" is no number' } },
  ],
};

/** A decimal within the safe integers: nearly every value there is. */
const SAFE_INTEGER = /^-?[0-9]{1,15}$/;

function instantText(value: string, shift: number): string | Failure {
  if (SAFE_INTEGER.test(value)) return secondsText(value, Number(value), shift);
  const decimal = parseDecimal(value);
  if (decimal === null) return fail(value, 'is no number');
  const inMicros = { units: decimal.units * 10n ** BigInt(6 - shift), scale: decimal.scale };
  const micros = roundDecimal(inMicros, 0);
  if (compareDecimals(inMicros, micros) !== 0) return fail(value, 'is finer than a microsecond');
  const fraction = ((micros.units % MILLION) + MILLION) % MILLION;
  const seconds = Number((micros.units - fraction) / MILLION);
  return writeInstant(value, seconds, String(fraction).padStart(6, '0'));
}

const MILLION = 1_000_000n;

function secondsText(value: string, count: number, shift: number): string | Failure {
  const perSecond = 10 ** shift;
  const fraction = ((count % perSecond) + perSecond) % perSecond;
  return writeInstant(value, (count - fraction) / perSecond, String(fraction).padStart(shift, '0'));
}

function writeInstant(value: string, seconds: number, fraction: string): string | Failure {
  if (seconds < FIRST || seconds >= END) return fail(value, 'is beyond the years of PostgreSQL');
  return utcText(seconds, fraction.endsWith('0') ? fraction.replace(/0+$/, '') : fraction);
}
