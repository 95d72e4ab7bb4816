import type { KeyMap } from './key-map.js';
import { TextKeyMap } from './text-key-map.js';

/** Gives the pairs of those keys that loaded rows have. */
export type AskKeys = (
  keys: readonly string[],
) => Promise<readonly (readonly [key: string, handle: string])[]>;

/** Pairs written or found of late, at most so many bytes: the older half goes when the younger is full. */
class RecentPairs {
  private young = new TextKeyMap();
  private old = new TextKeyMap();

  constructor(private readonly bound: number) {}

  get bytes(): number {
    return this.young.bytes + this.old.bytes;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  get(key: string): string | undefined {
    const young = this.young.get(key);
    if (young !== undefined) return young;
    const old = this.old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: string): void {
    this.old.delete(key);
    this.young.set(key, value);
    if (this.young.bytes <= this.bound / 2) return;
    this.old = this.young;
    this.young = new TextKeyMap();
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }
}

/**
 * Keys that are not held in memory: {@link prefetch} asks for those that the next rows name, and until the next
 * time {@link get} knows these. What is written is remembered for a while. A reader has a view of its own; all
 * views of a mapping's keys share what is remembered.
 */
export class BatchedKeyMap implements KeyMap {
  private atHand = new Map<string, string | null>();

  /** @param ask null for the one that only takes what is written */
  private constructor(
    private readonly recent: RecentPairs,
    private readonly ask: AskKeys | null,
  ) {}

  /** @param bound bytes of what is remembered */
  static create(bound: number): BatchedKeyMap {
    return new BatchedKeyMap(new RecentPairs(bound), null);
  }

  /** Another reader's view of the same keys. */
  view(ask: AskKeys): BatchedKeyMap {
    return new BatchedKeyMap(this.recent, ask);
  }

  /** Of what is remembered: how many keys there are nobody has counted. */
  get size(): number {
    return this.recent.size;
  }

  get bytes(): number {
    return this.recent.bytes;
  }

  /** Asks for keys, so that {@link get} knows them until the next call. */
  async prefetch(keys: ReadonlySet<string>): Promise<void> {
    const next = new Map<string, string | null>();
    const asked: string[] = [];
    for (const key of keys) {
      const known = this.recent.get(key);
      next.set(key, known ?? null);
      if (known === undefined) asked.push(key);
    }
    this.atHand = next;
    if (asked.length === 0) return;
    if (this.ask === null) throw new Error('this view of the keys cannot ask');
    for (const [key, handle] of await this.ask(asked)) {
      if (!next.has(key)) continue;
      next.set(key, handle);
      this.recent.set(key, handle);
    }
  }

  /** @throws Error for a key that was not fetched: it must never count as missing */
  get(key: string): string | undefined {
    const found = this.atHand.get(key);
    if (typeof found === 'string') return found;
    // It may have been written since.
    const recent = this.recent.get(key);
    if (recent === undefined && found === undefined)
      throw new Error(`key ${key} was looked up but not fetched`);
    return recent;
  }

  set(key: string, value: string): void {
    this.recent.set(key, value);
  }

  delete(key: string): void {
    this.recent.delete(key);
    if (this.atHand.has(key)) this.atHand.set(key, null);
  }
}
