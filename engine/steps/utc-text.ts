import { dateFromDays, dateText, era, timeText } from './calendar.js';

const DAY = 86_400;

/** Dates of the days seen last; 60,000 days are 164 years. */
const MOST_DAYS = 60_000;
const datesByDay = new Map<number, { readonly text: string; readonly era: string }>();

/** PostgreSQL's text of an instant in a session in UTC. `seconds` count from 1970-01-01 00:00 UTC. */
export function utcText(seconds: number, fraction: string): string {
  const days = Math.floor(seconds / DAY);
  const date = dateOf(days);
  const time = timeText(seconds - days * DAY);
  return `${date.text} ${time}${fraction === '' ? '' : `.${fraction}`}+00${date.era}`;
}

function dateOf(days: number) {
  const known = datesByDay.get(days);
  if (known !== undefined) return known;
  const { year, month, day } = dateFromDays(days);
  const made = { text: dateText(year, month, day), era: era(year) };
  if (datesByDay.size >= MOST_DAYS) datesByDay.clear();
  datesByDay.set(days, made);
  return made;
}
