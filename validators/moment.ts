/** A date or time that can be compared with others of its type. */
export interface Moment {
  /** From a fixed day on; ±Infinity for PostgreSQL's `infinity`. */
  readonly seconds: number;
  readonly micros: number;
}

export type MomentType = 'date' | 'timestamp' | 'timestamptz';

const MOMENT =
  /^(\d{4,7})-(\d\d)-(\d\d)(?:([ T])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?(?:(Z)|([+-]\d\d)(?::?(\d\d)(?::?(\d\d))?)?)?( BC)?$/;

/**
 * Reads PostgreSQL's text of a date, timestamp or timestamptz; null for what is none. A date has no time,
 * a timestamp no offset; a timestamptz without an offset is in UTC, as the engine's sessions are.
 */
export function readMoment(type: MomentType, text: string): Moment | null {
  if (text === 'infinity' || text === '-infinity') {
    return { seconds: text === 'infinity' ? Infinity : -Infinity, micros: 0 };
  }
  const found = MOMENT.exec(text);
  if (found === null) return null;
  const [, year = '', month = '', day = '', time, hour, minute, second, fraction = ''] = found;
  const [zulu, offset, offsetMinutes, offsetSeconds, bc] = found.slice(9);
  const hasOffset = zulu !== undefined || offset !== undefined;
  if ((type === 'date' && time !== undefined) || (type !== 'timestamptz' && hasOffset)) return null;
  const days = dayNumber(bc === undefined ? Number(year) : 1 - Number(year), Number(month), Number(day));
  const clock = clockSeconds(hour, minute, second);
  if (Number(year) === 0 || days === null || clock === null) return null;
  const shift = offset?.startsWith('-') === true ? -1 : 1;
  const east =
    Number(offset ?? 0) * 3600 + shift * (Number(offsetMinutes ?? 0) * 60 + Number(offsetSeconds ?? 0));
  return { seconds: days * 86_400 + clock - east, micros: Number(fraction.padEnd(6, '0')) };
}

export function compareMoments(a: Moment, b: Moment): number {
  if (a.seconds !== b.seconds) return a.seconds < b.seconds ? -1 : 1;
  return a.micros - b.micros;
}

/** Reads PostgreSQL's text of a time of day, `24:00:00` included; null for what is none. */
export function readTime(text: string): Moment | null {
  const found = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$/.exec(text);
  const clock = found === null ? null : clockSeconds(found[1], found[2], found[3]);
  return clock === null ? null : { seconds: clock, micros: Number((found?.[4] ?? '').padEnd(6, '0')) };
}

function clockSeconds(hour = '0', minute = '0', second = '0'): number | null {
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return Number(minute) < 60 && Number(second) < 60 && seconds <= 86_400 ? seconds : null;
}

/** Days from 2000-01-01; null where the day does not exist. Cycles of 400 years reach beyond JavaScript's dates. */
function dayNumber(year: number, month: number, day: number): number | null {
  const cycle = Math.floor((year - 2000) / 400);
  const date = new Date(Date.UTC(year - cycle * 400, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return Math.round((date.getTime() - Date.UTC(2000, 0, 1)) / 86_400_000) + cycle * 146_097;
}
