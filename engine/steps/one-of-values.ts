import { canonicalDecimal } from '../contract/decimal.js';
import { ArgumentError } from '../contract/step.js';
import type { Json } from '../contract/value.js';

/**
 * Tells whether a value is among those that the user listed: texts and booleans compare as text,
 * numbers by value (1 is also `1.0`). Throws ArgumentError for what is no scalar.
 */
export function oneOfValues(values: readonly Json[], what: string): (value: string) => boolean {
  const texts = new Set<string>();
  const numbers = new Set<string>();
  for (const value of values) {
    if (typeof value === 'number') numbers.add(canonicalNumber(value, what));
    else if (typeof value === 'string' || typeof value === 'boolean') texts.add(String(value));
    else throw new ArgumentError(`${what} takes texts, numbers, true and false`);
  }
  if (numbers.size === 0) return (value) => texts.has(value);
  return (value) => {
    if (texts.has(value)) return true;
    const canonical = canonicalDecimal(value);
    return canonical !== null && numbers.has(canonical);
  };
}

function canonicalNumber(value: number, what: string): string {
  const canonical = canonicalDecimal(String(value));
  if (canonical === null) throw new ArgumentError(`${what} cannot compare with ${String(value)}`);
  return canonical;
}
