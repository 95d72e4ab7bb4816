import { dateFromDays, dateText, era, timeText } from './calendar.js';

const DAY = 86_400;

/** PostgreSQL's text of an instant in a session in UTC. `seconds` count from 1970-01-01 00:00 UTC. */
export function utcText(seconds: number, fraction: string): string {
  const days = Math.floor(seconds / DAY);
  const { year, month, day } = dateFromDays(days);
  const time = timeText(seconds - days * DAY);
  return `${dateText(year, month, day)} ${time}${fraction === '' ? '' : `.${fraction}`}+00${era(year)}`;
}
