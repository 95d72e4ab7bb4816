/** An exact decimal number: units ÷ 10^scale, with scale ≥ 0. Not reduced: 1.50 is { 150n, 2 }. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** Bounds of PostgreSQL's numeric: digits before and after the point. */
const MOST_DIGITS = 131_072;
const MOST_SCALE = 16_383;

const CANONICAL = /^(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9])$/;
const NUMBER = /^([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,7}))?$/;

/**
 * Reads a number as SQL writes it: `7`, `-1.50`, `.5`, `5.`, `1e3`; no white space, no group separators,
 * no NaN, no Infinity. Null where the text is none or is beyond PostgreSQL's numeric.
 */
export function parseDecimal(text: string): Decimal | null {
  const parts = NUMBER.exec(text);
  if (parts === null) return null;
  const [, sign = '', whole = '', fraction = '', bareFraction = '', exponent = '0'] = parts;
  const decimals = fraction + bareFraction;
  const scale = decimals.length - Number(exponent);
  if (scale > MOST_SCALE || whole.length - Math.min(scale, 0) > MOST_DIGITS) return null;
  const digits = whole + decimals + '0'.repeat(Math.max(0, -scale));
  const units = BigInt(digits);
  return { units: sign === '-' ? -units : units, scale: Math.max(0, scale) };
}

/** Writes every digit that the scale says: { 150n, 2 } is `1.50`. Never an exponent, never `-0`. */
export function formatDecimal({ units, scale }: Decimal): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/**
 * The one text of a number, whichever way it was written: `1.0`, `+1` and `10e-1` are `1`, `-0.50` is `-0.5`.
 * Two texts name the same number exactly when their canonical texts are equal. Null where
 * {@link parseDecimal} gives null.
 */
export function canonicalDecimal(text: string): string | null {
  if (text.length <= MOST_SCALE && CANONICAL.test(text)) return text;
  const decimal = parseDecimal(text);
  return decimal === null ? null : formatCanonical(decimal);
}

/** As {@link formatDecimal}, without the zeros at the end of the fraction. */
export function formatCanonical(decimal: Decimal): string {
  const text = formatDecimal(decimal);
  if (decimal.scale === 0) return text;
  let end = text.length;
  while (text.charAt(end - 1) === '0') end--;
  return text.slice(0, text.charAt(end - 1) === '.' ? end - 1 : end);
}

/** Less than, equal to or greater than 0, as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const difference = widen(a, scale) - widen(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Rounds half away from zero to exactly `places` ≥ 0 digits after the point, as PostgreSQL's round() does. */
export function roundDecimal(decimal: Decimal, places: number): Decimal {
  if (places >= decimal.scale) return { units: widen(decimal, places), scale: places };
  const divisor = 10n ** BigInt(decimal.scale - places);
  const half = decimal.units < 0n ? -divisor / 2n : divisor / 2n;
  return { units: (decimal.units + half) / divisor, scale: places };
}

/** The exact product. */
export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

function widen({ units, scale }: Decimal, to: number): bigint {
  return to === scale ? units : units * 10n ** BigInt(to - scale);
}
