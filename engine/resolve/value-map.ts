import { canonicalDecimal } from '../contract/decimal.js';
import type { BaseType, Scalar } from '../contract/value.js';

export const isNumber = (type: BaseType): boolean =>
  type === 'integer' || type === 'numeric' || type === 'float';

/**
 * A table of values whose keys compare by value: numbers as decimals (`1` is `1.0`), all else as text; where
 * one side is a number, the text `7` is 7 and the text `x` is missing.
 */
export class ValueMap {
  private readonly texts = new Map<string, string | null>();
  private readonly numbers = new Map<string, string | null>();

  /** @param from the type of the values that will be looked up */
  constructor(private readonly from: BaseType) {}

  /** @returns false where the key stands already */
  add(key: Scalar, value: string | null): boolean {
    const number = key.type === 'number' || isNumber(this.from) ? canonicalDecimal(key.text.trim()) : null;
    const [map, text] = number === null ? [this.texts, key.text] : [this.numbers, number];
    if (map.has(text)) return false;
    map.set(text, value);
    return true;
  }

  /** Undefined where the key is not in the table. */
  get(key: string): string | null | undefined {
    if (isNumber(this.from)) {
      const number = canonicalDecimal(key.trim());
      // NaN and the infinities are numbers that no decimal names: they stand among the texts.
      return number === null ? this.texts.get(key) : this.numbers.get(number);
    }
    const value = this.texts.get(key);
    if (value !== undefined || this.numbers.size === 0) return value;
    const number = canonicalDecimal(key.trim());
    return number === null ? undefined : this.numbers.get(number);
  }

  /** All pairs in one order, whatever the order in which they came. */
  entries(): readonly (readonly [key: string, value: string | null])[] {
    return [...this.texts, ...this.numbers].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }

  get size(): number {
    return this.texts.size + this.numbers.size;
  }
}
