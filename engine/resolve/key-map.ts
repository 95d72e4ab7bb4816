import { canonicalDecimal } from '../contract/decimal.js';
import type { BaseType } from '../contract/value.js';
import { isNumber } from './value-map.js';

/** Source key → what references to it give. Keys are canonical: see {@link canonicalKey}. */
export interface KeyMap {
  readonly size: number;
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  delete(key: string): void;
}

const SAFE_INTEGER = /^(0|-?[1-9]\d{0,14})$/;

/**
 * Whole numbers to whole numbers in typed arrays, open addressing with linear probing: 16 bytes a slot, at
 * most two thirds full. Keys or values that are no safe integers go to an ordinary map beside it.
 */
export class IntegerKeyMap implements KeyMap {
  private keys = new Float64Array(1024).fill(NaN);
  private values = new Float64Array(1024).fill(NaN);
  private mask = 1023;
  private used = 0;
  private live = 0;
  private readonly others = new Map<string, string>();

  get size(): number {
    return this.live + this.others.size;
  }

  get(key: string): string | undefined {
    if (SAFE_INTEGER.test(key)) {
      const value = this.getNumber(Number(key));
      if (!Number.isNaN(value)) return String(value);
    }
    return this.others.get(key);
  }

  /** NaN where the key is not here; it may still be among those that {@link get} finds. */
  getNumber(key: number): number {
    return this.values[this.slot(key)] ?? NaN;
  }

  set(key: string, value: string): void {
    if (SAFE_INTEGER.test(key) && SAFE_INTEGER.test(value)) this.setNumber(Number(key), Number(value));
    else this.others.set(key, value);
  }

  setNumber(key: number, value: number): void {
    if (this.used * 3 > this.mask * 2) this.grow();
    const slot = this.slot(key);
    if (Number.isNaN(this.keys[slot])) {
      this.keys[slot] = key;
      this.values[slot] = NaN;
      this.used++;
    }
    if (Number.isNaN(this.values[slot])) this.live++;
    this.values[slot] = value;
  }

  delete(key: string): void {
    this.others.delete(key);
    if (!SAFE_INTEGER.test(key)) return;
    const slot = this.slot(Number(key));
    if (Number.isNaN(this.keys[slot]) || Number.isNaN(this.values[slot])) return;
    this.values[slot] = NaN;
    this.live--;
  }

  /** The key's slot, or the empty one where it would go (whose value is NaN or unset). */
  private slot(key: number): number {
    const low = key | 0;
    const high = (key / 4294967296) | 0;
    let slot = (Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) >>> 7) & this.mask;
    for (;;) {
      const found = this.keys[slot] ?? NaN;
      if (found === key) return slot;
      if (Number.isNaN(found)) return slot;
      slot = (slot + 1) & this.mask;
    }
  }

  private grow(): void {
    const { keys, values } = this;
    const size = keys.length * 2;
    this.keys = new Float64Array(size).fill(NaN);
    this.values = new Float64Array(size).fill(NaN);
    this.mask = size - 1;
    this.used = 0;
    this.live = 0;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? NaN;
      const value = values[i] ?? NaN;
      if (!Number.isNaN(key) && !Number.isNaN(value)) this.setNumber(key, value);
    }
  }
}

/** Any keys to any values. */
export class TextKeyMap implements KeyMap {
  private readonly map = new Map<string, string>();

  get size(): number {
    return this.map.size;
  }

  get(key: string): string | undefined {
    return this.map.get(key);
  }

  set(key: string, value: string): void {
    this.map.set(key, value);
  }

  delete(key: string): void {
    this.map.delete(key);
  }
}

/** A key's one form, so that equal keys are equal texts: numbers as decimals, char(n) without its padding. */
export function canonicalKey(texts: readonly string[], types: readonly BaseType[]): string {
  const parts = texts.map((text, n) =>
    isNumber(types[n] ?? 'text') ? (canonicalDecimal(text) ?? text) : text,
  );
  return parts.length === 1 ? (parts[0] ?? '') : JSON.stringify(parts);
}
