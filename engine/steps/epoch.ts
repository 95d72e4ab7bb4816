import { formatDecimal, parseDecimal } from '../contract/decimal.js';
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

const MILLION = 1_000_000n;

function instantText(value: string, shift: number): string | Failure {
  const decimal = parseDecimal(value);
  if (decimal === null) return fail(value, 'is no number');
  const exact = formatDecimal({ units: decimal.units * 10n ** BigInt(6 - shift), scale: decimal.scale });
  const [whole = '', rest = ''] = exact.split('.');
  if (/[1-9]/.test(rest)) return fail(value, 'is finer than a microsecond');
  const micros = BigInt(whole);
  const fraction = ((micros % MILLION) + MILLION) % MILLION;
  const seconds = Number((micros - fraction) / MILLION);
  if (!(seconds >= FIRST && seconds < END)) return fail(value, 'is beyond the years of PostgreSQL');
  return utcText(seconds, String(fraction).padStart(6, '0').replace(/0+$/, ''));
}
