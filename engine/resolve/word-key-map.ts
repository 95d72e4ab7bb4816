import type { KeyMap } from './key-map.js';
import { TextKeyMap } from './text-key-map.js';
import { WordTable } from './word-table.js';
import { INT64, UUID, veil, writeUuidBytes, type WordCodec } from './words.js';

/**
 * Keys and handles of a fixed size, UUIDs and whole numbers, in one typed array: 16 bytes a UUID, 8 a number.
 * What has another form (a UUID in capitals is another text) stands in a {@link TextKeyMap}.
 */
export class WordKeyMap implements KeyMap {
  private readonly table: WordTable;
  private readonly others = new TextKeyMap();

  constructor(
    private readonly keys: WordCodec,
    private readonly values: WordCodec,
  ) {
    this.table = new WordTable(keys.words, values.words);
  }

  get size(): number {
    return this.table.size + this.others.size;
  }

  get bytes(): number {
    return this.table.bytes + this.others.bytes;
  }

  get(key: string): string | undefined {
    if (this.keys.write(key, this.table.key) && this.table.find()) return this.found();
    return this.others.get(key);
  }

  /** As {@link get}, from a field's bytes in COPY's text, for UUID keys; undefined, too, where they are none. */
  getBytes(buffer: Buffer, start: number, end: number): string | undefined {
    if (this.keys !== UUID || !writeUuidBytes(buffer, start, end, this.table.key)) return undefined;
    return this.table.find() ? this.found() : undefined;
  }

  private found(): string {
    veil(this.table.value);
    return this.values.read(this.table.value);
  }

  set(key: string, value: string): void {
    const { table, others } = this;
    if (this.keys.write(key, table.key)) {
      if (this.values.write(value, table.value)) {
        veil(table.value);
        if (table.put()) {
          if (others.size > 0) others.delete(key);
          return;
        }
      }
      table.remove();
    }
    others.set(key, value);
  }

  delete(key: string): void {
    if (this.keys.write(key, this.table.key)) this.table.remove();
    if (this.others.size > 0) this.others.delete(key);
  }
}

/** The codec of a type whose values have a fixed size, or null. */
export const codecOf = (type: string): WordCodec | null =>
  type === 'uuid' ? UUID : type === 'integer' ? INT64 : null;
