import type { KeyMap } from './key-map.js';
import { PlaceTable, isDense } from './place-table.js';
import { RankTable } from './rank-table.js';
import { WordTable } from './word-table.js';
import { INT64, readNumber, safeInteger, veil, writeNumber } from './words.js';

/** Pairs beside the ordered ones that do not end their order: rows that came late, or were written anew. */
const FEW = 1024;
const FEW_OF = 16;
const LEAST_SMALL = -2147483647;

/**
 * Whole numbers to whole numbers in typed arrays. As long as keys and handles come in ascending runs, they are a
 * bitmap with ranks (2 bits a key); a few that do not fit stand beside it. When they become many all pairs move,
 * to an array by place where keys are dense (4 or 8 bytes a place), else to open addressing (8 bytes a slot, 16
 * where a key or handle has more than 32 bits). A key stands in one of the tables at a time. Keys or handles that
 * are no 64-bit numbers go to an ordinary map beside them.
 */
export class IntegerKeyMap implements KeyMap {
  private ordered: RankTable | null = new RankTable();
  private placed: PlaceTable | null = null;
  private readonly small = new WordTable(1, 1);
  private readonly large = new WordTable(2, 2);
  private readonly others = new Map<string, string>();
  /** Least and greatest key of `small` and `large` that is a safe integer, deleted ones included. */
  private low = Infinity;
  private high = -Infinity;

  get size(): number {
    return ((this.ordered ?? this.placed)?.size ?? 0) + this.loose + this.others.size;
  }

  get bytes(): number {
    const { ordered, placed, small, large, others } = this;
    return (ordered?.bytes ?? 0) + (placed?.bytes ?? 0) + small.bytes + large.bytes + others.size * 100;
  }

  /** How most keys are kept at present. */
  get layout(): 'ordered' | 'placed' | 'sparse' {
    return this.ordered !== null ? 'ordered' : this.placed !== null ? 'placed' : 'sparse';
  }

  private get loose(): number {
    return this.small.size + this.large.size;
  }

  get(key: string): string | undefined {
    const number = safeInteger(key);
    if (!Number.isNaN(number)) {
      const value = this.getNumber(number);
      if (!Number.isNaN(value)) return String(value);
    }
    const { large } = this;
    if (large.size > 0 && INT64.write(key, large.key) && large.find()) {
      veil(large.value);
      return INT64.read(large.value);
    }
    return this.others.get(key);
  }

  /** NaN where the key is not here, or its handle has more than 15 digits; {@link get} still finds the latter. */
  getNumber(key: number): number {
    const value = (this.ordered ?? this.placed)?.get(key) ?? NaN;
    return Number.isNaN(value) && this.loose > 0 ? this.getLoose(key) : value;
  }

  private getLoose(key: number): number {
    const { small, large } = this;
    if (small.size > 0 && (key | 0) === key) {
      small.key[0] = key;
      if (small.find()) return (small.value[0] ?? 0) ^ 0x80000000;
    }
    if (large.size === 0) return NaN;
    writeNumber(key, large.key);
    if (!large.find()) return NaN;
    veil(large.value);
    return readNumber(large.value);
  }

  set(key: string, value: string): void {
    const [number, handle] = [safeInteger(key), safeInteger(value)];
    if (!Number.isNaN(number) && !Number.isNaN(handle)) {
      if (this.others.size > 0) this.others.delete(key);
      this.setNumber(number, handle);
      return;
    }
    this.delete(key);
    const { large } = this;
    if (INT64.write(key, large.key) && INT64.write(value, large.value)) {
      veil(large.value);
      if (large.put()) {
        this.widenTo(number);
        return;
      }
    }
    this.others.set(key, value);
  }

  private setNumber(key: number, value: number): void {
    if (this.ordered?.add(key, value) === true || this.placed?.set(key, value) === true) {
      // It may have come before its neighbours, when it did not fit.
      if (this.loose > 0) this.removeLoose(key);
      return;
    }
    this.ordered?.delete(key);
    this.setLoose(key, value);
    this.settle();
  }

  /** Moves all pairs where the present layout does not fit them any more. */
  private settle(): void {
    const { ordered, loose } = this;
    if (ordered !== null ? loose <= Math.max(FEW, ordered.size / FEW_OF) : !this.isTimeToLook()) return;
    const [first, last] = ordered?.range ?? [Infinity, -Infinity];
    const [low, high] = [Math.min(first, this.low), Math.max(last, this.high)];
    const dense = this.placed === null && isDense(low, high, (ordered?.size ?? 0) + loose);
    if (dense) this.placed = new PlaceTable(low, high - low + 1);
    this.ordered = null;
    ordered?.forEach((key, value) => {
      if (this.placed?.set(key, value) !== true) this.setLoose(key, value);
    });
    if (dense) this.gather();
  }

  /** Where keys came in no order their density shows late: it is looked at whenever their number has doubled. */
  private isTimeToLook(): boolean {
    const { loose } = this;
    return this.placed === null && loose > FEW && (loose & (loose - 1)) === 0;
  }

  /** Moves to their places the pairs that are loose. */
  private gather(): void {
    const { small, large } = this;
    const pairs = new Float64Array(this.loose * 2);
    let end = 0;
    const add = (key: number, value: number): void => {
      pairs[end++] = key;
      pairs[end++] = value;
    };
    small.forEach(() => {
      add(small.key[0] ?? 0, (small.value[0] ?? 0) ^ 0x80000000);
    });
    large.forEach(() => {
      veil(large.value);
      add(readNumber(large.key), readNumber(large.value));
    });
    for (let n = 0; n < pairs.length; n += 2) {
      const [key = NaN, value = NaN] = [pairs[n], pairs[n + 1]];
      if (Number.isNaN(key) || Number.isNaN(value)) continue;
      if (this.placed?.set(key, value) === true) this.removeLoose(key);
    }
  }

  private setLoose(key: number, value: number): void {
    const { small, large } = this;
    this.widenTo(key);
    if ((key | 0) === key && (value | 0) === value && value >= LEAST_SMALL) {
      this.removeLarge(key);
      small.key[0] = key;
      small.value[0] = value ^ 0x80000000;
      small.put();
      return;
    }
    this.removeSmall(key);
    writeNumber(key, large.key);
    writeNumber(value, large.value);
    veil(large.value);
    // Never zero: that would be -2⁶³.
    large.put();
  }

  private widenTo(key: number): void {
    if (key < this.low) this.low = key;
    if (key > this.high) this.high = key;
  }

  delete(key: string): void {
    this.others.delete(key);
    const number = safeInteger(key);
    if (!Number.isNaN(number)) {
      if (this.ordered?.delete(number) !== true && this.placed?.delete(number) !== true)
        this.removeLoose(number);
    } else if (this.large.size > 0 && INT64.write(key, this.large.key)) {
      this.large.remove();
    }
  }

  private removeLoose(key: number): void {
    this.removeSmall(key);
    this.removeLarge(key);
  }

  private removeSmall(key: number): void {
    if (this.small.size === 0 || (key | 0) !== key) return;
    this.small.key[0] = key;
    this.small.remove();
  }

  private removeLarge(key: number): void {
    if (this.large.size === 0) return;
    writeNumber(key, this.large.key);
    this.large.remove();
  }
}
