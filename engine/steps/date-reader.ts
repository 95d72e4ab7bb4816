import { ArgumentError } from '../contract/step.js';
import { type DateField, holds, parsePattern, type PatternPart } from './date-pattern.js';
import { type LocalTime, localTime, secondOfDay } from './local-time.js';

/**
 * Gives a reader of dates of one pattern: null for a text of another form and for a day or time that does
 * not exist. Throws ArgumentError for a pattern that would leave something to guess.
 */
export function dateReader(pattern: string): (value: string) => LocalTime | null {
  const parts = parsePattern(pattern);
  checkComplete(pattern, parts);
  checkEnds(pattern, parts);
  return (value) => {
    const found = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, fraction: '' };
    let at = 0;
    for (const part of parts) {
      const end = endOfPart(part, value, at);
      if (end === -1) return null;
      if (part.kind === 'fraction') found.fraction = value.slice(at, end);
      else if (part.kind !== 'literal') found[part.kind] = Number(value.slice(at, end));
      at = end;
    }
    if (at !== value.length || found.year === 0) return null;
    const second = secondOfDay(found.hour, found.minute, found.second);
    return localTime(found.year, found.month, found.day, second, found.fraction);
  };
}

function checkComplete(pattern: string, parts: readonly PatternPart[]): void {
  const need = (field: DateField, because: string) => {
    if (!holds(parts, field)) throw new ArgumentError(`"${pattern}" has no ${field}${because}`);
  };
  for (const field of ['year', 'month', 'day'] as const) need(field, '; parse_date guesses none');
  if (holds(parts, 'fraction')) need('second', ' for its fraction');
  if (holds(parts, 'second')) need('minute', ' for its second');
  if (holds(parts, 'minute')) need('hour', ' for its minute');
}

function checkEnds(pattern: string, parts: readonly PatternPart[]): void {
  parts.forEach((part, index) => {
    const next = parts[index + 1];
    if (!isOpenEnded(part) || next === undefined) return;
    if (next.kind === 'literal' && !/^[0-9]/.test(next.text)) return;
    throw new ArgumentError(
      `"${pattern}" does not say where its ${part.kind} ends; write two letters or a separator`,
    );
  });
}

/** M, D and H take one digit or two. */
function isOpenEnded(part: PatternPart): boolean {
  return part.kind !== 'literal' && part.kind !== 'fraction' && part.width === 1;
}

/** The index behind the part's text, which starts at `at`; -1 where something else stands there. */
function endOfPart(part: PatternPart, value: string, at: number): number {
  if (part.kind === 'literal') return value.startsWith(part.text, at) ? at + part.text.length : -1;
  const most = isOpenEnded(part) ? 2 : part.width;
  let end = at;
  while (end < at + most && isDigit(value.charCodeAt(end))) end++;
  return end - at >= part.width ? end : -1;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
