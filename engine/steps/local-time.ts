import { daysFromDate, daysInMonth } from './calendar.js';

/** A date, or a date and time, without a zone. */
export interface LocalTime {
  /** Astronomical: 0 is 1 BC. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Seconds of the day, 0 to 86399. */
  readonly second: number;
  /** Digits after the second's point, at most 6, without zeros at the end; often empty. */
  readonly fraction: string;
}

const ISO = /^(\d{4,7})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?( BC)?$/;

/**
 * Reads PostgreSQL's text of a date or timestamp: `2020-01-31`, `2020-01-31 12:00:00.5`, ` BC` behind it,
 * also a `T` for the space. Null for anything else, days that do not exist and offsets among it.
 */
export function parseLocalTime(text: string): LocalTime | null {
  // Almost every value is in the common form; the pattern takes 3 times as long.
  return parseCommon(text) ?? parseAny(text);
}

/** Null where such a day or time does not exist. `year` is astronomical, `fraction` has at most 6 digits. */
export function localTime(
  year: number,
  month: number,
  day: number,
  second: number,
  fraction: string,
): LocalTime | null {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || second < 0) return null;
  return {
    year,
    month,
    day,
    second,
    fraction: fraction.endsWith('0') ? fraction.replace(/0+$/, '') : fraction,
  };
}

/** -1 where there is no such time; 24:00 and leap seconds are none. */
export function secondOfDay(hour: number, minute: number, second: number): number {
  const exists = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  return exists ? hour * 3600 + minute * 60 + second : -1;
}

/** Days from 1970-01-01. */
export function daysOf({ year, month, day }: LocalTime): number {
  return daysFromDate(year, month, day);
}

const [DASH, COLON, SPACE, POINT, LETTER_T] = [45, 58, 32, 46, 84];

/** `YYYY-MM-DD` alone, or with `HH:MM:SS` and a fraction; null for every other form. */
function parseCommon(text: string): LocalTime | null {
  const length = text.length;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return null;
  const year = digitsAt(text, 0) * 100 + digitsAt(text, 2);
  if (year <= 0) return null;
  if (length === 10) return localTime(year, digitsAt(text, 5), digitsAt(text, 8), 0, '');
  const between = text.charCodeAt(10);
  if (length < 19 || (between !== SPACE && between !== LETTER_T)) return null;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return null;
  const second = secondOfDay(digitsAt(text, 11), digitsAt(text, 14), digitsAt(text, 17));
  if (length > 19 && !isFraction(text)) return null;
  return localTime(year, digitsAt(text, 5), digitsAt(text, 8), second, text.slice(20));
}

/** True where a point and 1 to 6 digits follow the seconds and end the text. */
export function isFraction(text: string): boolean {
  if (text.length < 21 || text.length > 26 || text.charCodeAt(19) !== POINT) return false;
  for (let index = 20; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return false;
  }
  return true;
}

/**
 * The number that two digits make. Where they are none, a number so negative that it stays so in any sum
 * with other digits; unlike NaN it is an integer, on which V8 works 3 times as fast.
 */
export function digitsAt(text: string, index: number): number {
  const tens = text.charCodeAt(index) - 48;
  const ones = text.charCodeAt(index + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NO_DIGITS;
}

export const NO_DIGITS = -100_000;

function parseAny(text: string): LocalTime | null {
  const found = ISO.exec(text);
  if (found === null) return null;
  const [, year = '', month, day, hour = '0', minute = '0', second = '0', fraction = '', bc] = found;
  if (Number(year) === 0) return null;
  return localTime(
    bc === undefined ? Number(year) : 1 - Number(year),
    Number(month),
    Number(day),
    secondOfDay(Number(hour), Number(minute), Number(second)),
    fraction,
  );
}
