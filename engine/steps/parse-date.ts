import type { Failure, StepDefinition } from '../contract/step.js';
import { text } from './argument.js';
import { dateText, timeText } from './calendar.js';
import { holds, parsePattern, PATTERN_HELP } from './date-pattern.js';
import { dateReader } from './date-reader.js';
import { fail } from './quote.js';

export const parseDate: StepDefinition = {
  name: 'parse_date',
  summary:
    'Reads a date, or a date and time, of exactly one form. A day that does not exist rejects; nothing is guessed, so the year has four digits and nothing of the date may be left out.',
  argument: { type: 'string', minLength: 1, description: PATTERN_HELP },
  accepts: ['text', 'other', 'integer'],
  output: (argument) => (holds(parsePattern(text(argument, 'parse_date')), 'hour') ? 'timestamp' : 'date'),
  kind: 'value',
  make: (argument) => reader(text(argument, 'parse_date')),
  examples: [
    { argument: 'DD.MM.YYYY', given: '31.01.2020', gives: '2020-01-31' },
    { argument: 'M/D/YYYY H:mm', given: '1/31/2020 9:05', gives: '2020-01-31 09:05:00' },
    { argument: 'YYYYMMDD[T]HHmmss.SSS', given: '20200131T090507.250', gives: '2020-01-31 09:05:07.25' },
    {
      argument: 'DD.MM.YYYY',
      given: '31.02.2020',
      gives: { fails: '"31.02.2020" is no date of the form DD.MM.YYYY' },
    },
    {
      argument: 'DD.MM.YYYY',
      given: '1.2.2020',
      gives: { fails: '"1.2.2020" is no date of the form DD.MM.YYYY' },
    },
    {
      argument: 'YYYY-MM-DD',
      given: '0000-00-00',
      gives: { fails: '"0000-00-00" is no date of the form YYYY-MM-DD' },
    },
  ],
};

function reader(pattern: string): (value: string) => string | Failure {
  const read = dateReader(pattern);
  const withTime = holds(parsePattern(pattern), 'hour');
  return (value) => {
    const time = read(value);
    if (time === null) return fail(value, `is no date of the form ${pattern}`);
    const date = dateText(time.year, time.month, time.day);
    if (!withTime) return date;
    return `${date} ${timeText(time.second)}${time.fraction === '' ? '' : `.${time.fraction}`}`;
  };
}
