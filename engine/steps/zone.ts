import { ArgumentError } from '../contract/step.js';
import { daysFromDate } from './calendar.js';

/**
 * A stretch of local time, up to the next one's `from`. Seconds count from 1970-01-01 00:00 local.
 * `offsets` are the seconds east of UTC that are right there: one, none in a gap, two or more where the
 * clock was set back, the earlier instant first.
 */
export interface Stretch {
  readonly from: number;
  readonly offsets: readonly number[];
  /** In a gap: the offset before and the one after it. */
  readonly around: readonly [number, number];
}

/** The local time of a zone: the stretches of a year, in order, covering the whole year. */
export type Zone = (year: number) => readonly Stretch[];

const DAY = 86_400;

/**
 * Opens a zone by its IANA name. A year is asked of Intl once, at about 1 ms, and remembered.
 * Years from 271820 BC to 275759; throws ArgumentError for an unknown name. Measured against PostgreSQL 15
 * on 20,900 random times of all 418 zones: from 1970 on equal but for one (Tijuana, 1974: two releases of
 * the zone data). Before that, Node keeps local histories that some systems merge (Accra with Abidjan), so
 * 91 zones differ from the server's; among those that agree from 4000 BC on are New York and London.
 */
export function openZone(name: string): Zone {
  const open = opened.get(name) ?? readZone(name);
  opened.set(name, open);
  return open;
}

/** By name. Intl takes 1 ms to open one, and the columns of a project share a few: 800 of them took 0.7 s. */
const opened = new Map<string, Zone>();

function readZone(name: string): Zone {
  const offsetAt = offsetReader(name);
  const years = new Map<number, readonly Stretch[]>();
  return (year) => {
    const known = years.get(year);
    if (known !== undefined) return known;
    const stretches = readYear(offsetAt, year);
    years.set(year, stretches);
    return stretches;
  };
}

/** The stretch of a year that a local time of that year lies in. */
export function stretchAt(stretches: readonly Stretch[], local: number): Stretch {
  const found = stretches.findLast(({ from }) => from <= local);
  if (found === undefined) throw new Error(`no stretch of local time holds ${String(local)}`);
  return found;
}

/** Seconds east of UTC at an instant, in seconds from 1970. */
type OffsetReader = (instant: number) => number;

function offsetReader(name: string): OffsetReader {
  // The first format of a process takes 25 ms, of which a command that only checks has no use.
  let format = isListed(name) ? null : openFormat(name);
  return (instant) => {
    format ??= openFormat(name);
    const found = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(instant * 1000));
    if (found === null) throw new Error(`Intl gave no offset for ${name} at ${String(instant)}`);
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = found;
    const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return sign === '-' ? -size : size;
  };
}

let listed: ReadonlySet<string> | null = null;

/** Whether the name is surely one: Intl lists no aliases, which it knows all the same. */
function isListed(name: string): boolean {
  listed ??= new Set(Intl.supportedValuesOf('timeZone'));
  return listed.has(name);
}

function openFormat(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ArgumentError(`"${name}" is no time zone; IANA names are meant, such as America/New_York`);
  }
}

/** An instant from which another offset holds. */
interface Transition {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

function readYear(offsetAt: OffsetReader, year: number): Stretch[] {
  const first = daysFromDate(year, 1, 1) * DAY;
  const next = daysFromDate(year + 1, 1, 1) * DAY;
  const transitions = findTransitions(offsetAt, first - 2 * DAY, next + 2 * DAY);
  const edges = transitions.flatMap(({ at, before, after }) => [at + before, at + after]);
  const starts = new Set([first, ...edges.filter((edge) => edge > first && edge < next)]);
  const base = offsetAt(first - 2 * DAY);
  return [...starts]
    .sort((a, b) => a - b)
    .map((from) => ({
      from,
      offsets: offsetsAt(from, base, transitions),
      around: aroundGap(from, transitions),
    }));
}

/** Looks once a day: no zone has ever changed its offset and changed it back within one. */
function findTransitions(offsetAt: OffsetReader, from: number, to: number): Transition[] {
  const transitions: Transition[] = [];
  let before = offsetAt(from);
  for (let instant = from + DAY; instant <= to; instant += DAY) {
    const after = offsetAt(instant);
    if (after !== before) {
      transitions.push({ at: firstWithout(offsetAt, before, instant - DAY, instant), before, after });
    }
    before = after;
  }
  return transitions;
}

/** The first second in (low, high] at which `offset` no longer holds. */
function firstWithout(offsetAt: OffsetReader, offset: number, low: number, high: number): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

/** The offsets that give this local time when they are in force, larger first: the earlier instant. */
function offsetsAt(local: number, base: number, transitions: readonly Transition[]): number[] {
  const inForce = (instant: number) => transitions.findLast(({ at }) => at <= instant)?.after ?? base;
  const candidates = new Set([base, ...transitions.map(({ after }) => after)]);
  return [...candidates].filter((offset) => inForce(local - offset) === offset).sort((a, b) => b - a);
}

function aroundGap(local: number, transitions: readonly Transition[]): [number, number] {
  const gap = transitions.find(({ at, before, after }) => at + before <= local && local < at + after);
  return gap === undefined ? [0, 0] : [gap.before, gap.after];
}
