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

/** Keys below this are kept by their own place, however few they are. */
const ALWAYS_DENSE = 1 << 16;
/** Places a key may cost at the most in the part that is kept by place. */
const PLACES_A_KEY = 4;

/**
 * Whole numbers to whole numbers in typed arrays. Keys from 0 on stand at their own place while they are dense
 * enough, 8 bytes a place; the others by open addressing with linear probing, 16 bytes a slot, at most two
 * thirds full. Keys or values that are no safe integers go to an ordinary map beside them.
 */
export class IntegerKeyMap implements KeyMap {
  /** Values by key; NaN where there is none. */
  private dense = new Float64Array(1024).fill(NaN);
  private keys = new Float64Array(1024).fill(NaN);
  private values = new Float64Array(1024).fill(NaN);
  private mask = 1023;
  /** Drops the hash's weakest bits, as long as enough are left for every slot. */
  private shift = 7;
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
    const value = this.dense[key] ?? NaN;
    if (!Number.isNaN(value) || this.used === 0) return value;
    return this.values[this.slot(key)] ?? NaN;
  }

  set(key: string, value: string): void {
    if (SAFE_INTEGER.test(key) && SAFE_INTEGER.test(value)) {
      if (this.others.size > 0) this.others.delete(key);
      this.setNumber(Number(key), Number(value));
    } else {
      this.delete(key);
      this.others.set(key, value);
    }
  }

  setNumber(key: number, value: number): void {
    if (key >= this.dense.length && this.isDenseEnough(key)) this.widen(key);
    if (key >= 0 && key < this.dense.length) {
      if (Number.isNaN(this.dense[key])) {
        // It may have come before its neighbours, when it was sparse.
        this.forgetSparse(key);
        this.live++;
      }
      this.dense[key] = value;
    } else {
      this.setSparse(key, value);
    }
  }

  private isDenseEnough(key: number): boolean {
    return key < ALWAYS_DENSE || key <= this.live * PLACES_A_KEY;
  }

  private widen(key: number): void {
    const wider = new Float64Array(Math.max(key + 1, this.dense.length * 2)).fill(NaN);
    wider.set(this.dense);
    this.dense = wider;
  }

  private setSparse(key: number, value: number): void {
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
    const number = Number(key);
    if (!Number.isNaN(this.dense[number] ?? NaN)) {
      this.dense[number] = NaN;
      this.live--;
    } else {
      this.forgetSparse(number);
    }
  }

  private forgetSparse(key: number): void {
    if (this.used === 0) return;
    const slot = this.slot(key);
    if (Number.isNaN(this.keys[slot]) || Number.isNaN(this.values[slot])) return;
    this.values[slot] = NaN;
    this.live--;
  }

  /** The key's slot, or the empty one where it would go (whose value is NaN or unset). */
  private slot(key: number): number {
    const low = key | 0;
    const high = (key / 4294967296) | 0;
    let slot = (Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) >>> this.shift) & this.mask;
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
    this.shift = Math.min(7, Math.clz32(this.mask));
    this.used = 0;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? NaN;
      const value = values[i] ?? NaN;
      if (Number.isNaN(key) || Number.isNaN(value)) continue;
      this.live--;
      this.setSparse(key, value);
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

/** A part of a key in the one form of its type. */
function canonicalPart(text: string, type: BaseType): string {
  if (isNumber(type)) return canonicalDecimal(text) ?? canonicalDecimal(text.trim()) ?? text;
  return type !== 'boolean' ? text : text === 't' ? 'true' : text === 'f' ? 'false' : text;
}

/** A key's one form, so that equal keys are equal texts: numbers as decimals, booleans as `true` and `false`. */
export function canonicalKey(texts: readonly string[], types: readonly BaseType[]): string {
  const parts = texts.map((text, n) => canonicalPart(text, types[n] ?? 'text'));
  return parts.length === 1 ? (parts[0] ?? '') : JSON.stringify(parts);
}
