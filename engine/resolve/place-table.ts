/** Places that a key may cost at the most: 4 bytes each, 8 where a value needs more than 32 bits. */
const PLACES_A_KEY = 4;
const FREE_PLACES = 1 << 16;
const GROWTH = 1.5;
const MOST_SMALL = 4294967294;

/** Whether keys between two ends are dense enough to be kept by place. */
export const isDense = (low: number, high: number, count: number): boolean =>
  high - low < count * PLACES_A_KEY + FREE_PLACES;

/** Whole numbers by their own place from the least key on. Zero is an empty place: values from 0 on are kept one higher. */
export class PlaceTable {
  size = 0;
  private places: Uint32Array | Float64Array;

  /** @param base the key of the first place */
  constructor(
    private base: number,
    length: number,
  ) {
    this.places = new Uint32Array(length);
  }

  get bytes(): number {
    return this.places.byteLength;
  }

  /** NaN where the key is not here. */
  get(key: number): number {
    const place = key - this.base;
    if (!(place >= 0 && place < this.places.length)) return NaN;
    const kept = this.places[place] ?? 0;
    return kept > 0 ? kept - 1 : kept === 0 ? NaN : kept;
  }

  /** False, with nothing done, where the keys would not be dense any more. */
  set(key: number, value: number): boolean {
    if (!this.covers(key) && !this.widen(key)) return false;
    if ((value < 0 || value > MOST_SMALL) && this.places instanceof Uint32Array) {
      this.places = Float64Array.from(this.places);
    }
    const place = key - this.base;
    if (this.places[place] === 0) this.size++;
    this.places[place] = value >= 0 ? value + 1 : value;
    return true;
  }

  /** False where the key is not here. */
  delete(key: number): boolean {
    if (Number.isNaN(this.get(key))) return false;
    this.places[key - this.base] = 0;
    this.size--;
    return true;
  }

  private covers(key: number): boolean {
    return key >= this.base && key < this.base + this.places.length;
  }

  /** Gives room for a key before or behind the places there are. */
  private widen(key: number): boolean {
    const end = this.base + this.places.length;
    const low = Math.min(this.base, key);
    const high = Math.max(end - 1, key);
    if (!isDense(low, high, this.size)) return false;
    const more = Math.ceil(this.places.length * (GROWTH - 1));
    // Keys seldom go on below zero: there the room in front ends, unless they have.
    const front = this.base < 0 ? this.base - more : Math.max(0, this.base - more);
    const base = key < this.base ? Math.min(low, front) : low;
    const length = Math.max(high, key >= end ? end + more : 0) + 1 - base;
    const wider = this.places instanceof Uint32Array ? new Uint32Array(length) : new Float64Array(length);
    wider.set(this.places, this.base - base);
    this.places = wider;
    this.base = base;
    return true;
  }
}
