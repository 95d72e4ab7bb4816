import { ArgumentError, type Failure, type StepDefinition } from '../contract/step.js';
import { text } from './argument.js';
import { dateText, timeText } from './calendar.js';
import { type DateField, holds, parsePattern, PATTERN_HELP, type PatternPart } from './date-pattern.js';
import { localTime, secondOfDay } from './local-time.js';
import { fail } from './quote.js';

export const parseDate: StepDefinition = {
  name: 'parse_date',
  summary:
    'Reads a date, or a date and time, of exactly one form. A day that does not exist rejects; nothing is guessed, so the year has four digits and nothing of the date may be left out.',
  argument: { type: 'string', minLength: 1, description: PATTERN_HELP },
  accepts: ['text', 'other', 'integer'],
  output: (argument) => (holds(parsePattern(text(argument, 'parse_date')), 'hour') ? 'timestamp' : 'date'),
  kind: 'value',
  make: (argument) => {
    const pattern = text(argument, 'parse_date');
    return reader(pattern, readableParts(pattern));
  },
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

function readableParts(pattern: string): readonly PatternPart[] {
  const parts = parsePattern(pattern);
  const need = (field: DateField, because: string) => {
    if (!holds(parts, field)) throw new ArgumentError(`"${pattern}" has no ${field}${because}`);
  };
  for (const field of ['year', 'month', 'day'] as const) need(field, '; parse_date guesses none');
  if (holds(parts, 'fraction')) need('second', ' for its fraction');
  if (holds(parts, 'second')) need('minute', ' for its second');
  if (holds(parts, 'minute')) need('hour', ' for its minute');
  parts.forEach((part, index) => {
    const next = parts[index + 1];
    if (isOpenEnded(part) && next !== undefined && next.kind !== 'literal') {
      throw new ArgumentError(
        `"${pattern}" does not say where its ${part.kind} ends; write two letters or a separator`,
      );
    }
  });
  return parts;
}

/** M, D and H take one digit or two. */
function isOpenEnded(part: PatternPart): boolean {
  return part.kind !== 'literal' && part.kind !== 'fraction' && part.width === 1;
}

function reader(pattern: string, parts: readonly PatternPart[]): (value: string) => string | Failure {
  const form = new RegExp(`^${parts.map(partPattern).join('')}$`);
  const withTime = holds(parts, 'hour');
  return (value) => {
    const found = form.exec(value)?.groups;
    const time = found === undefined ? null : readGroups(found);
    if (time === null) return fail(value, `is no date of the form ${pattern}`);
    const date = dateText(time.year, time.month, time.day);
    if (!withTime) return date;
    return `${date} ${timeText(time.second)}${time.fraction === '' ? '' : `.${time.fraction}`}`;
  };
}

function partPattern(part: PatternPart): string {
  if (part.kind === 'literal') return part.text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return `(?<${part.kind}>[0-9]{${isOpenEnded(part) ? '1,2' : String(part.width)}})`;
}

function readGroups(groups: Partial<Record<string, string>>) {
  const number = (field: DateField) => Number(groups[field] ?? '0');
  const year = number('year');
  if (year === 0) return null;
  const second = secondOfDay(number('hour'), number('minute'), number('second'));
  return localTime(year, number('month'), number('day'), second, groups['fraction'] ?? '');
}
