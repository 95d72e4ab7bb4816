const WALL = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/New_York',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
});

/** What a clock in New York shows at an instant, to the minute: `2015-03-08T03:30`. */
function wallAt(instant) {
  const parts = Object.fromEntries(WALL.formatToParts(instant).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

const HOUR_MS = 3_600_000;
const offsets = new Map();

/** Hours behind UTC at the local hour `2015-03-08 02`; as PostgreSQL: where it comes twice or never, standard time. */
function offsetOf(hour) {
  const known = offsets.get(hour);
  if (known !== undefined) return known;
  const wall = `${hour.replace(' ', 'T')}:00`;
  const fits = (behind) => wallAt(Date.parse(`${wall}Z`) + behind * HOUR_MS) === wall;
  const behind = fits(4) && !fits(5) ? 4 : 5;
  offsets.set(hour, behind);
  return behind;
}

/** Local time of New York as PostgreSQL writes it (`2015-01-01 09:00:00.25`) → the same with its offset. */
export const utcOf = (local) => `${local}-0${offsetOf(local.slice(0, 13))}`;
