import type { PgType } from '../../engine/contract/catalogue.js';
import type { Check } from '../../engine/contract/compiled.js';
import { canonicalDecimal, parseDecimal } from '../../engine/contract/decimal.js';
import type { BaseType, Scalar } from '../../engine/contract/value.js';

const NUMBERS: readonly BaseType[] = ['integer', 'numeric', 'float'];

/** Keys compare by value: where one side is a number as decimals, all else as text. */
export function sameKey(key: Scalar, value: string, type: BaseType): boolean {
  const number = canonicalDecimal(key.text.trim());
  if (number !== null && (key.type === 'number' || NUMBERS.includes(type))) {
    return number === canonicalDecimal(value.trim());
  }
  return key.text === value;
}

/** White space that PostgreSQL's own input of numbers and booleans passes over. */
const bare = (value: string): string => value.replace(/^[ \t\n\v\f\r]+/, '').replace(/[ \t\n\v\f\r]+$/, '');

const isNumber = (value: string): boolean =>
  parseDecimal(value) !== null || /^[+-]?(nan|inf|infinity)$/i.test(value);

/** Whether a numeric(precision, scale) holds the number with all its digits. */
function hasRoom(value: string, precision: number, scale: number): boolean {
  if (value === 'NaN') return true;
  const canonical = canonicalDecimal(bare(value));
  if (canonical === null) return false;
  const [whole = '', fraction = ''] = canonical.replace('-', '').split('.');
  return fraction.length <= scale && (whole === '0' ? 0 : whole.length) <= precision - scale;
}

/** Whether a varchar(max) holds the text: spaces too many at its end do not count. */
function fits(value: string, max: number): boolean {
  const characters = Array.from(value);
  return characters.slice(max).every((character) => character === ' ');
}

const WORDS = ['true', 'false', 'yes', 'no', 'on', 'off', '1', '0'];

/** As PostgreSQL reads a boolean: any beginning of a word that could be no other one. */
function isBoolean(value: string): boolean {
  const word = bare(value).toLowerCase();
  return word !== '' && word !== 'o' && WORDS.some((full) => full.startsWith(word));
}

/** A boolean as the language shows it. */
export const truth = (value: string | null): string | null =>
  value === null ? null : /^(t|y|on|1)/i.test(bare(value)) ? 'true' : 'false';

/** A value as its column's type compares it. */
export function asCompared(value: string, { base, name }: PgType): string {
  if (base === 'boolean') return truth(value) ?? value;
  if (NUMBERS.includes(base)) return bare(value);
  return name === 'bpchar' ? value.replace(/ +$/, '') : value;
}

/** The name of the limit that the value breaks, or null. */
export function failsCheck(check: Check, value: string): string | null {
  switch (check.kind) {
    case 'not_null':
      return null;
    case 'integer': {
      const number = canonicalDecimal(bare(value));
      if (number === null || number.includes('.')) return 'range';
      return BigInt(number) < check.min || BigInt(number) > check.max ? 'range' : null;
    }
    case 'digits':
      return hasRoom(value, check.precision, check.scale) ? null : 'digits';
    case 'number':
      return isNumber(bare(value)) ? null : 'type';
    case 'length':
      if (check.exact) return Array.from(value).length === check.max ? null : 'length';
      return fits(value, check.max) ? null : 'length';
    case 'labels':
      return check.labels.includes(value) ? null : 'enum';
    case 'uuid':
      return /^([0-9a-f]{4}-?){7}[0-9a-f]{4}$|^\{([0-9a-f]{4}-?){7}[0-9a-f]{4}\}$/i.test(value)
        ? null
        : 'type';
    case 'boolean':
      return isBoolean(value) ? null : 'type';
  }
}
