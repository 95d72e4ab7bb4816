import { hash } from 'node:crypto';

/** 128 bits of a text's SHA-256, as four whole numbers. Two texts share them by no chance worth counting (2⁻¹²⁸). */
export type Digest = readonly [number, number, number, number];

export function digestOf(text: string): Digest {
  const bytes = hash('sha256', text, 'buffer');
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12)];
}

/** Words of a place: the digest, and the value plus one (0: free). */
const WORDS = 5;

/**
 * Digest → whole number from 0, by open addressing in one typed array: 20 bytes a place, of which at most three in four
 * are taken, so 27 to 53 bytes an entry.
 */
export class DigestMap {
  size = 0;
  private places = 1024;
  private words = new Uint32Array(this.places * WORDS);

  get(digest: Digest): number | undefined {
    const value = this.words[this.find(digest) * WORDS + 4] ?? 0;
    return value === 0 ? undefined : value - 1;
  }

  has(digest: Digest): boolean {
    return this.get(digest) !== undefined;
  }

  set(digest: Digest, value: number): void {
    const at = this.find(digest) * WORDS;
    if (this.words[at + 4] === 0) this.size++;
    this.words.set(digest, at);
    this.words[at + 4] = value + 1;
    if (this.size * 4 > this.places * 3) this.grow();
  }

  delete(digest: Digest): void {
    let hole = this.find(digest);
    if (this.words[hole * WORDS + 4] === 0) return;
    this.size--;
    // Whoever stands behind and could not be found across the hole moves into it.
    for (let next = this.after(hole); this.words[next * WORDS + 4] !== 0; next = this.after(next)) {
      const home = this.home(this.words[next * WORDS] ?? 0);
      const between = hole <= next ? hole < home && home <= next : hole < home || home <= next;
      if (between) continue;
      this.words.copyWithin(hole * WORDS, next * WORDS, (next + 1) * WORDS);
      hole = next;
    }
    this.words[hole * WORDS + 4] = 0;
  }

  /** The place of a digest, or the free one where it would stand. */
  private find([a, b, c, d]: Digest): number {
    const { words } = this;
    for (let place = this.home(a); ; place = this.after(place)) {
      const at = place * WORDS;
      if (words[at + 4] === 0) return place;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return place;
    }
  }

  /** `places` is a power of two. */
  private home(word: number): number {
    return word & (this.places - 1);
  }

  private after(place: number): number {
    return (place + 1) & (this.places - 1);
  }

  private grow(): void {
    const old = this.words;
    this.places *= 2;
    this.words = new Uint32Array(this.places * WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at + 4] === 0) continue;
      const digest: Digest = [old[at] ?? 0, old[at + 1] ?? 0, old[at + 2] ?? 0, old[at + 3] ?? 0];
      this.words.set(old.subarray(at, at + WORDS), this.find(digest) * WORDS);
    }
  }
}
