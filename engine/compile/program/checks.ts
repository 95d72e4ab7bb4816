import type { Check } from '../../contract/compiled.js';
import { canonicalDecimal, parseDecimal } from '../../contract/decimal.js';
import { Failure } from '../../contract/step.js';
import { shown } from './refusal.js';

/** Gives the value, perhaps in another spelling of the same, or why the column cannot hold it. */
export type CheckFunction = (value: string) => string | Failure;

const UUID = /^\{?[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}\}?$/i;
const FLOAT = /^[ \t-\r]*[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|nan|inf(?:inity)?)[ \t-\r]*$/i;
const BOOLEAN = /^[ \t-\r]*(?:t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|off|of|1|0)[ \t-\r]*$/i;

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

/** Without the white space that PostgreSQL's numbers leave out at both ends; a loop, as a pattern would take squares. */
export function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Without the spaces at its end. */
export function unpadded(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--;
  return text.slice(0, end);
}

/** Characters as PostgreSQL counts them: code points. */
const characters = (text: string): number => {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
};

function integer(min: bigint, max: bigint): CheckFunction {
  return (value) => {
    const canonical = canonicalDecimal(value) ?? canonicalDecimal(trimmed(value));
    if (canonical === null) return new Failure(`${shown(value)} is no number`);
    if (canonical.includes('.')) return new Failure(`${shown(value)} has digits after the point`);
    if (canonical.length < 5 && min < 0n) return canonical;
    const number = BigInt(canonical);
    return number < min || number > max
      ? new Failure(`${shown(value)} is out of the column's range`)
      : canonical;
  };
}

function digits(precision: number, scale: number): CheckFunction {
  const limit = 10n ** BigInt(Math.max(0, precision));
  return (value) => {
    if (/^[+-]?\d+$/.test(value) && scale >= 0 && value.length <= precision - scale) return value;
    if (value === 'NaN') return value;
    const canonical = canonicalDecimal(trimmed(value));
    const decimal = canonical === null ? null : parseDecimal(canonical);
    if (decimal === null) return new Failure(`${shown(value)} is no number of this precision`);
    const shift = scale - decimal.scale;
    const divisor = 10n ** BigInt(Math.max(0, -shift));
    if (decimal.units % divisor !== 0n) {
      return new Failure(`${shown(value)} has more than ${String(scale)} digits after the point`);
    }
    const units = (decimal.units / divisor) * 10n ** BigInt(Math.max(0, shift));
    return units >= limit || units <= -limit
      ? new Failure(`${shown(value)} has more than ${String(precision - scale)} digits before the point`)
      : value;
  };
}

function length(max: number, exact: boolean, padded: boolean): CheckFunction {
  return (value) => {
    if (!exact && value.length <= max) return value;
    // As PostgreSQL does: spaces that are too many at the end do not count.
    const count = characters(exact || !(padded || value.endsWith(' ')) ? value : unpadded(value));
    if (exact ? count === max : count <= max) return value;
    return new Failure(
      `${String(characters(value))} characters, the column holds ${String(max)}: ${shown(value)}`,
    );
  };
}

/** `true` or `false`, as rules compare them, whichever of PostgreSQL's words stands there. */
function booleanWord(value: string): string | Failure {
  if (!BOOLEAN.test(value)) return new Failure(`${shown(value)} is no boolean`);
  return /^(?:t|y|on|1)/i.test(trimmed(value)) ? 'true' : 'false';
}

/** The function of one check; `not_null` is the caller's. */
export function checkFunction(check: Check): { readonly rule: string; readonly run: CheckFunction } | null {
  switch (check.kind) {
    case 'not_null':
      return null;
    case 'integer':
      return { rule: 'range', run: integer(check.min, check.max) };
    case 'digits':
      return { rule: 'digits', run: digits(check.precision, check.scale) };
    case 'number':
      return {
        rule: 'type',
        run: (value) => (FLOAT.test(value) ? value : new Failure(`${shown(value)} is no number`)),
      };
    case 'length':
      return { rule: 'length', run: length(check.max, check.exact, check.padded) };
    case 'labels': {
      const labels = new Set(check.labels);
      const known = check.labels.join(', ');
      const run: CheckFunction = (value) =>
        labels.has(value) ? value : new Failure(`${shown(value)} is none of ${known}`);
      return { rule: 'enum', run };
    }
    case 'uuid':
      return {
        rule: 'type',
        run: (value) => (UUID.test(value) ? value : new Failure(`${shown(value)} is no uuid`)),
      };
    case 'boolean':
      return { rule: 'type', run: booleanWord };
  }
}

/** Bytes of a value that is short enough for a check to hold without decoding it; -1 where even an empty one must be checked. */
export function sureBytes(checks: readonly Check[]): number {
  const [check] = checks.filter((c) => c.kind !== 'not_null');
  if (check === undefined) return Infinity;
  return check.kind === 'length' && !check.exact ? check.max : -1;
}
