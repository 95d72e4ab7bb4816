import { grown, popCount } from './bits.js';

/** Places of the bitmap that a key may cost: 1.5 bits each, so at the most 5 bytes a key. */
const PLACES_A_KEY = 28;
const FREE_PLACES = 1 << 16;
/** Keys that a run of handles must hold on average: a run takes 20 bytes. */
const KEYS_A_RUN = 4;
const FREE_RUNS = 64;
/** Bitmap indices stay 32-bit numbers. */
const MOST_PLACES = 0x7fffffff;

/**
 * Keys that came in ascending order, to handles that came in runs of constant step: a bitmap of the keys, the
 * number of keys before every 64 places, and where each run begins. The n-th key of a run has its first handle
 * plus n steps. Dense keys take 2 bits each, whatever the size of their handles.
 */
export class RankTable {
  private bits = new Int32Array(64);
  /** Keys before each block of 64 places, and the run of the block's first key. */
  private ranks = new Uint32Array(32);
  private runBefore = new Uint32Array(32);
  /** Of deleted keys, since the ranks of the others must stay; null while there is none. */
  private dead: Int32Array | null = null;
  private deadCount = 0;
  private runRank = new Uint32Array(64);
  private runValue = new Float64Array(64);
  private runStep = new Float64Array(64);
  private runs = 0;
  private count = 0;
  private blocks = 0;
  private base = 0;
  private last = -1;

  get size(): number {
    return this.count - this.deadCount;
  }

  get bytes(): number {
    const { bits, ranks, runBefore, dead, runRank, runValue, runStep } = this;
    return [bits, ranks, runBefore, runRank, runValue, runStep].reduce(
      (sum, { byteLength }) => sum + byteLength,
      dead?.byteLength ?? 0,
    );
  }

  /** Least and greatest key. */
  get range(): readonly [number, number] {
    return [this.base, this.base + this.last];
  }

  /** NaN where the key is not here. */
  get(key: number): number {
    const place = key - this.base;
    if (!(place >= 0 && place <= this.last)) return NaN;
    const word = place >>> 5;
    const bit = 1 << (place & 31);
    const bits = this.bits[word] ?? 0;
    if ((bits & bit) === 0) return NaN;
    if (this.dead !== null && ((this.dead[word] ?? 0) & bit) !== 0) return NaN;
    return this.handle(place, bits & (bit - 1));
  }

  /** The handle at a place whose bit is set; `below` are the bits of its word before it. */
  private handle(place: number, below: number): number {
    const block = place >>> 6;
    let rank = (this.ranks[block] ?? 0) + popCount(below);
    if ((place & 32) !== 0) rank += popCount(this.bits[(place >>> 5) - 1] ?? 0);
    let run = this.runBefore[block] ?? 0;
    while (run + 1 < this.runs && (this.runRank[run + 1] ?? 0) <= rank) run++;
    return (this.runValue[run] ?? 0) + (rank - (this.runRank[run] ?? 0)) * (this.runStep[run] ?? 0);
  }

  /**
   * Takes a key behind all others, or a pair that is or was here; false, with nothing done, where the pair does
   * not fit.
   */
  add(key: number, value: number): boolean {
    if (this.count === 0) this.base = key;
    const place = key - this.base;
    if (place <= this.last) return this.revive(place, value);
    if (place > this.count * PLACES_A_KEY + FREE_PLACES || place >= MOST_PLACES) return false;
    if (!this.takeHandle(value)) return false;
    this.openBlocks(place >>> 6);
    const word = place >>> 5;
    this.bits[word] = (this.bits[word] ?? 0) | (1 << (place & 31));
    this.count++;
    this.last = place;
    return true;
  }

  /** Begins a run where the handle does not go on with the last one. */
  private takeHandle(value: number): boolean {
    const run = this.runs - 1;
    const nth = this.count - (this.runRank[run] ?? 0);
    const first = this.runValue[run] ?? 0;
    if (run >= 0 && nth === 1) this.runStep[run] = value - first;
    if (run >= 0 && first + nth * (this.runStep[run] ?? 0) === value) return true;
    if (this.runs >= FREE_RUNS + this.count / KEYS_A_RUN) return false;
    if (this.runs === this.runRank.length) {
      this.runRank = grown(this.runRank, new Uint32Array(this.runs * 2));
      this.runValue = grown(this.runValue, new Float64Array(this.runs * 2));
      this.runStep = grown(this.runStep, new Float64Array(this.runs * 2));
    }
    this.runRank[this.runs] = this.count;
    this.runValue[this.runs] = value;
    this.runs++;
    return true;
  }

  private openBlocks(block: number): void {
    if (block >= this.ranks.length) {
      const size = Math.max(block + 1, Math.ceil(this.ranks.length * 1.5));
      this.ranks = grown(this.ranks, new Uint32Array(size));
      this.runBefore = grown(this.runBefore, new Uint32Array(size));
      this.bits = grown(this.bits, new Int32Array(size * 2));
      if (this.dead !== null) this.dead = grown(this.dead, new Int32Array(size * 2));
    }
    for (; this.blocks <= block; this.blocks++) {
      this.ranks[this.blocks] = this.count;
      this.runBefore[this.blocks] = this.runs - 1;
    }
  }

  private revive(place: number, value: number): boolean {
    if (place < 0) return false;
    const word = place >>> 5;
    const bit = 1 << (place & 31);
    const bits = this.bits[word] ?? 0;
    if ((bits & bit) === 0 || this.handle(place, bits & (bit - 1)) !== value) return false;
    if (this.dead !== null && ((this.dead[word] ?? 0) & bit) !== 0) {
      this.dead[word] = (this.dead[word] ?? 0) & ~bit;
      this.deadCount--;
    }
    return true;
  }

  /** False where the key is not here. */
  delete(key: number): boolean {
    if (Number.isNaN(this.get(key))) return false;
    const place = key - this.base;
    this.dead ??= new Int32Array(this.bits.length);
    this.dead[place >>> 5] = (this.dead[place >>> 5] ?? 0) | (1 << (place & 31));
    this.deadCount++;
    return true;
  }

  /** Gives every pair in the order of the keys. */
  forEach(visit: (key: number, value: number) => void): void {
    for (let place = 0; place <= this.last; place++) {
      if (this.bits[place >>> 5] === 0) {
        place |= 31;
        continue;
      }
      const value = this.get(this.base + place);
      if (!Number.isNaN(value)) visit(this.base + place, value);
    }
  }
}
