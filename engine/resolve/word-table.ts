/** Slots may be filled up to seven tenths: linear probing stays near two steps a look-up. */
const FULL = 0.7;
const FIRST_SLOTS = 64;

/**
 * Keys to values, both of a fixed number of 32-bit words, by open addressing with linear probing in one typed
 * array. A slot whose value is all zero is empty, so a value of zeros alone cannot be kept: the codecs of
 * words.ts encode values so that theirs is one that hardly anybody has, and the caller keeps it elsewhere.
 * A deleted key leaves no trace: those behind it move up.
 */
export class WordTable {
  /** The key that {@link find}, {@link put} and {@link remove} are about: the caller writes it here. */
  readonly key: Int32Array;
  /** What {@link find} found, and what {@link put} stores. */
  readonly value: Int32Array;
  size = 0;
  private slots: Int32Array;
  private mask = FIRST_SLOTS - 1;
  private readonly width: number;

  constructor(
    private readonly keyWords: number,
    private readonly valueWords: number,
  ) {
    this.width = keyWords + valueWords;
    this.key = new Int32Array(keyWords);
    this.value = new Int32Array(valueWords);
    this.slots = new Int32Array(FIRST_SLOTS * this.width);
  }

  /** Memory of the slots. */
  get bytes(): number {
    return this.slots.byteLength;
  }

  /** Whether the key is here; its value then stands in `value`. */
  find(): boolean {
    if (this.size === 0) return false;
    const { slots, value, valueWords, keyWords } = this;
    const at = this.slot(this.key, 0);
    let any = 0;
    for (let i = 0; i < valueWords; i++) {
      const word = slots[at + keyWords + i] ?? 0;
      value[i] = word;
      any |= word;
    }
    return any !== 0;
  }

  /** Stores `value` under `key`; false, with nothing done, where the value is all zero. */
  put(): boolean {
    const { value } = this;
    let any = 0;
    for (const word of value) any |= word;
    if (any === 0) return false;
    if (this.size >= (this.mask + 1) * FULL) this.grow();
    this.place(this.key, 0, value, 0);
    return true;
  }

  /** Takes the key out; false where it is not here. */
  remove(): boolean {
    if (this.size === 0) return false;
    let hole = this.slot(this.key, 0);
    if (this.isEmpty(hole)) return false;
    const { slots, width, mask } = this;
    const end = (mask + 1) * width;
    let at = hole;
    for (;;) {
      at = at + width === end ? 0 : at + width;
      if (this.isEmpty(at)) break;
      const home = (this.hash(slots, at) & mask) * width;
      // One that stands between its own place and here must not move before its place.
      if (hole <= at ? hole < home && home <= at : hole < home || home <= at) continue;
      slots.copyWithin(hole, at, at + width);
      hole = at;
    }
    slots.fill(0, hole, hole + width);
    this.size--;
    return true;
  }

  /** Gives every pair, in no order, in `key` and `value`; the table must not change meanwhile. */
  forEach(visit: () => void): void {
    const { slots, width, keyWords } = this;
    for (let at = 0; at < slots.length; at += width) {
      if (this.isEmpty(at)) continue;
      this.key.set(slots.subarray(at, at + keyWords));
      this.value.set(slots.subarray(at + keyWords, at + width));
      visit();
    }
  }

  /** Where the key stands, or the empty slot where it would go: an index into `slots`. */
  private slot(key: Int32Array, from: number): number {
    const { slots, width, keyWords, mask } = this;
    const end = (mask + 1) * width;
    const first = key[from] ?? 0;
    let at = (this.hash(key, from) & mask) * width;
    for (;;) {
      if (slots[at] === first) {
        let i = 1;
        while (i < keyWords && slots[at + i] === key[from + i]) i++;
        if (i === keyWords) return at;
      }
      if (this.isEmpty(at)) return at;
      at += width;
      if (at === end) at = 0;
    }
  }

  private isEmpty(at: number): boolean {
    const { slots, keyWords, width } = this;
    for (let i = keyWords; i < width; i++) if (slots[at + i] !== 0) return false;
    return true;
  }

  /** MurmurHash3's mixing of 32-bit words. */
  private hash(words: Int32Array, from: number): number {
    let hash = 0;
    for (let i = 0; i < this.keyWords; i++) {
      const word = Math.imul(words[from + i] ?? 0, 0xcc9e2d51);
      hash ^= Math.imul((word << 15) | (word >>> 17), 0x1b873593);
      hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0x52dce729;
    }
    hash ^= hash >>> 16;
    hash = Math.imul(hash, 0x85ebca6b);
    hash ^= hash >>> 13;
    return hash;
  }

  private place(key: Int32Array, keyAt: number, value: Int32Array, valueAt: number): void {
    const { slots, keyWords, valueWords } = this;
    const at = this.slot(key, keyAt);
    if (this.isEmpty(at)) {
      this.size++;
      for (let i = 0; i < keyWords; i++) slots[at + i] = key[keyAt + i] ?? 0;
    }
    for (let i = 0; i < valueWords; i++) slots[at + keyWords + i] = value[valueAt + i] ?? 0;
  }

  private grow(): void {
    const { slots, width, keyWords } = this;
    this.slots = new Int32Array(slots.length * 2);
    this.mask = this.mask * 2 + 1;
    this.size = 0;
    for (let at = 0; at < slots.length; at += width) {
      let any = 0;
      for (let i = keyWords; i < width; i++) any |= slots[at + i] ?? 0;
      if (any !== 0) this.place(slots, at, slots, at + keyWords);
    }
  }
}
