import type { KeyMap } from './key-map.js';

/** A key map behind another one: first key → second key → value. Read only. */
export class ChainedKeyMap implements KeyMap {
  constructor(
    private readonly first: KeyMap,
    private readonly second: KeyMap,
  ) {}

  get size(): number {
    return this.first.size;
  }

  get bytes(): number {
    return this.first.bytes + this.second.bytes;
  }

  get(key: string): string | undefined {
    const between = this.first.get(key);
    return between === undefined ? undefined : this.second.get(between);
  }

  set(): void {
    throw new Error('a chained key map is read only');
  }

  delete(): void {
    throw new Error('a chained key map is read only');
  }
}
