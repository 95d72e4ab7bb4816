import type { BaseType } from '../engine/contract/value.js';
import { compareMoments, readMoment, readTime } from './moment.js';
import { compareDoubles, compareNumerics, readFloat, readNumeric } from './numbers.js';

/** The order of a type's values, given as PostgreSQL's text. Null stands for a text that is no such value. */
export interface Ordering {
  /** Less than, equal to or greater than 0. */
  readonly compare: (a: string, b: string) => number | null;
  /** Compares values with a bound that is read once; null where the bound is no value of the type. */
  readonly comparerTo: (bound: string) => ((value: string) => number | null) | null;
}

/** Types that are ordered as their values are; enums, JSON and bytes are not. */
export function orderingOf(type: BaseType): Ordering | null {
  return ORDERINGS.get(type) ?? null;
}

/**
 * The order in which values of two types can be compared: numbers with numbers (as doubles where one is),
 * dates with timestamps, else a type with itself. Null where there is none.
 */
export function commonOrdering(left: BaseType, right: BaseType): Ordering | null {
  if (left === right) return orderingOf(left);
  const both = [left, right];
  if (both.every((type) => NUMBERS.has(type)))
    return orderingOf(both.includes('float') ? 'float' : 'numeric');
  if (both.includes('date') && both.includes('timestamp')) return orderingOf('timestamp');
  return null;
}

const NUMBERS: ReadonlySet<BaseType> = new Set<BaseType>(['integer', 'numeric', 'float']);

const identity = (text: string) => text;

const ORDERINGS: ReadonlyMap<BaseType, Ordering> = new Map<BaseType, Ordering>([
  ['integer', ordering(readNumeric, compareNumerics)],
  ['numeric', ordering(readNumeric, compareNumerics)],
  ['float', ordering(readFloat, compareDoubles)],
  ['date', ordering((text) => readMoment('date', text), compareMoments)],
  ['timestamp', ordering((text) => readMoment('timestamp', text), compareMoments)],
  ['timestamptz', ordering((text) => readMoment('timestamptz', text), compareMoments)],
  ['time', ordering(readTime, compareMoments)],
  ['text', ordering(identity, compareCodePoints)],
  ['uuid', ordering((text) => text.toLowerCase(), compareCodePoints)],
  ['boolean', ordering((text) => (text === 'true' || text === 'false' ? text : null), compareCodePoints)],
]);

function ordering<K>(read: (text: string) => K | null, compare: (a: K, b: K) => number): Ordering {
  return {
    compare: (a, b) => {
      const [left, right] = [read(a), read(b)];
      return left === null || right === null ? null : compare(left, right);
    },
    comparerTo: (bound) => {
      const key = read(bound);
      if (key === null) return null;
      return (value) => {
        const own = read(value);
        return own === null ? null : compare(own, key);
      };
    },
  };
}

/** As the C collation orders UTF-8; JavaScript's `<` puts U+E000 to U+FFFF behind the emoji. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    if (a.charCodeAt(index) !== b.charCodeAt(index)) {
      return (a.codePointAt(index) ?? 0) - (b.codePointAt(index) ?? 0);
    }
  }
  return a.length - b.length;
}
