/** Days from 1970-01-01 in the proleptic Gregorian calendar; year 0 is 1 BC, as astronomers count. */
export function daysFromDate(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse of {@link daysFromDate}: Howard Hinnant, "chrono-compatible low-level date algorithms". */
export function dateFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Two digits with a leading zero, for 0 to 99. */
export const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, n) =>
  String(n).padStart(2, '0'),
);

/** Seconds of the day as `HH:MM:SS`. */
export function timeText(second: number): string {
  const minute = Math.trunc(second / 60);
  return `${two(Math.trunc(minute / 60))}:${two(minute % 60)}:${two(second % 60)}`;
}

/** PostgreSQL's text of a date, without its ` BC`, which stands behind the time: see {@link era}. */
export function dateText(year: number, month: number, day: number): string {
  return `${yearText(year)}-${two(month)}-${two(day)}`;
}

/** At least four digits; years BC count back from 1. */
export function yearText(year: number): string {
  return String(year > 0 ? year : 1 - year).padStart(4, '0');
}

/** ` BC` for the years before 1, else nothing. */
export function era(year: number): '' | ' BC' {
  return year > 0 ? '' : ' BC';
}

function two(number: number): string {
  return TWO_DIGITS[number] ?? String(number);
}
