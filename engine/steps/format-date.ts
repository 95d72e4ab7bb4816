import type { StepDefinition } from '../contract/step.js';
import { text } from './argument.js';
import { TWO_DIGITS, yearText } from './calendar.js';
import { parsePattern, PATTERN_HELP, type PatternPart } from './date-pattern.js';
import { type LocalTime, parseLocalTime } from './local-time.js';
import { fail } from './quote.js';

export const formatDate: StepDefinition = {
  name: 'format_date',
  summary:
    'Writes a date or timestamp in a form; a date has the time 00:00:00, digits of the second that have no place are cut off. Years BC and infinity reject.',
  argument: { type: 'string', minLength: 1, description: PATTERN_HELP },
  accepts: ['text', 'other', 'date', 'timestamp'],
  output: 'text',
  kind: 'value',
  make: (argument) => {
    const parts = parsePattern(text(argument, 'format_date'));
    return (value) => {
      const time = parseLocalTime(value);
      if (time === null || time.year < 1) return fail(value, 'is no date that can be written in a form');
      return parts.map((part) => writePart(part, time)).join('');
    };
  },
  examples: [
    { argument: 'YYYY-MM', given: '2020-01-31', gives: '2020-01' },
    { argument: 'D.M.YYYY, HH:mm [Uhr]', given: '2020-01-05 09:05:59', gives: '5.1.2020, 09:05 Uhr' },
    { argument: 'HH:mm:ss.SSS', given: '2020-01-31 12:00:00.98765', gives: '12:00:00.987' },
    {
      argument: 'YYYY',
      given: 'infinity',
      gives: { fails: '"infinity" is no date that can be written in a form' },
    },
  ],
};

function writePart(part: PatternPart, time: LocalTime): string {
  switch (part.kind) {
    case 'literal':
      return part.text;
    case 'year':
      return yearText(time.year);
    case 'month':
      return digits(time.month, part.width);
    case 'day':
      return digits(time.day, part.width);
    case 'hour':
      return digits(Math.trunc(time.second / 3600), part.width);
    case 'minute':
      return digits(Math.trunc(time.second / 60) % 60, part.width);
    case 'second':
      return digits(time.second % 60, part.width);
    case 'fraction':
      return time.fraction.padEnd(part.width, '0').slice(0, part.width);
  }
}

function digits(number: number, width: number): string {
  return width === 2 ? (TWO_DIGITS[number] ?? '') : String(number);
}
