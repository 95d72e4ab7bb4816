import { Arena } from './arena.js';
import type { KeyMap } from './key-map.js';
import { pack, packedBound, unpack } from './packed.js';

const FULL = 0.7;
const FIRST_SLOTS = 64;
/** Two lengths of 32 bits stand before a record's key and value. */
const HEAD = 8;
/** Forgotten bytes that are worth a tidying. */
const TIDY = 1 << 20;
const BACKSLASH = 0x5c;

/**
 * Any keys to any values: UTF-8 in an arena, found by open addressing over the keys' hashes; 8 bytes a slot, and 8
 * beside each key's and value's own bytes. Texts that are no Unicode (lone surrogates, which no database holds)
 * stand in an ordinary map.
 */
export class TextKeyMap implements KeyMap {
  private arena = new Arena();
  /** Hash and record of each slot; record 0 is an empty one. */
  private slots = new Int32Array(FIRST_SLOTS * 2);
  private mask = FIRST_SLOTS - 1;
  private count = 0;
  private forgotten = 0;
  private scratch = Buffer.allocUnsafe(1 << 10);
  private readonly strange = new Map<string, string>();

  get size(): number {
    return this.count + this.strange.size;
  }

  get bytes(): number {
    return this.arena.bytes + this.slots.byteLength + this.strange.size * 100;
  }

  get(key: string): string | undefined {
    if (this.strange.size > 0 && this.strange.has(key)) return this.strange.get(key);
    if (this.count === 0) return undefined;
    const length = this.write(key);
    if (length < 0) return undefined;
    return this.valueAt(this.slot(this.scratch, 0, length, hashOf(this.scratch, 0, length)));
  }

  /** As {@link get}, from a field's bytes in COPY's text; undefined, too, where it holds an escape. */
  getBytes(buffer: Buffer, start: number, end: number): string | undefined {
    if (this.count === 0) return undefined;
    for (let at = start; at < end; at++) if (buffer[at] === BACKSLASH) return undefined;
    return this.valueAt(this.slot(buffer, start, end, hashOf(buffer, start, end)));
  }

  set(key: string, value: string): void {
    const length = this.write(key);
    if (length < 0 || !value.isWellFormed()) {
      this.delete(key);
      this.strange.set(key, value);
      return;
    }
    this.strange.delete(key);
    if (this.count >= (this.mask + 1) * FULL) this.resize(this.slots.length * 2);
    const bound = length + packedBound(value);
    if (bound > this.scratch.length) this.scratch = Buffer.concat([this.scratch], bound * 2);
    const end = pack(value, this.scratch, length);
    const hash = hashOf(this.scratch, 0, length);
    const at = this.slot(this.scratch, 0, length, hash);
    if (this.slots[at + 1] === 0) this.count++;
    else this.forget(at);
    this.slots[at] = hash;
    this.slots[at + 1] = this.record(length, end) | 0;
    this.tidy();
  }

  delete(key: string): void {
    this.strange.delete(key);
    const length = this.write(key);
    if (length < 0 || this.count === 0) return;
    const { slots, mask } = this;
    let hole = this.slot(this.scratch, 0, length, hashOf(this.scratch, 0, length));
    if (slots[hole + 1] === 0) return;
    this.forget(hole);
    this.count--;
    for (let at = hole; ;) {
      at = (at + 2) & (mask * 2 + 1);
      if (slots[at + 1] === 0) break;
      const home = ((slots[at] ?? 0) & mask) * 2;
      if (hole <= at ? hole < home && home <= at : hole < home || home <= at) continue;
      slots.copyWithin(hole, at, at + 2);
      hole = at;
    }
    slots.fill(0, hole, hole + 2);
    this.tidy();
  }

  /** Writes a key's UTF-8 to the scratch and gives its length; -1 where it has none. */
  private write(key: string): number {
    if (key.length * 3 > this.scratch.length) this.scratch = Buffer.allocUnsafe(key.length * 6);
    const { scratch } = this;
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      if (code > 0x7f) return key.isWellFormed() ? scratch.write(key, 0, 'utf8') : -1;
      scratch[i] = code;
    }
    return key.length;
  }

  /** Keeps a key and value, the scratch's first bytes up to `length` and `end`. */
  private record(length: number, end: number): number {
    const record = this.arena.add(HEAD + end);
    const chunk = this.arena.chunk(record);
    const at = this.arena.offset(record);
    chunk.writeUInt32LE(length, at);
    chunk.writeUInt32LE(end, at + 4);
    this.scratch.copy(chunk, at + HEAD, 0, end);
    return record;
  }

  /** The key's slot, or the empty one where it would go. */
  private slot(buffer: Buffer, start: number, end: number, hash: number): number {
    const { slots, mask } = this;
    for (let at = (hash & mask) * 2; ; at = (at + 2) & (mask * 2 + 1)) {
      const record = slots[at + 1] ?? 0;
      if (record === 0 || (slots[at] === hash && this.isKey(record >>> 0, buffer, start, end))) return at;
    }
  }

  private isKey(record: number, buffer: Buffer, start: number, end: number): boolean {
    const chunk = this.arena.chunk(record);
    let at = this.arena.offset(record);
    if (chunk.readUInt32LE(at) !== end - start) return false;
    at += HEAD;
    for (let i = start; i < end; i++) if (chunk[at++] !== buffer[i]) return false;
    return true;
  }

  private valueAt(slot: number): string | undefined {
    const record = (this.slots[slot + 1] ?? 0) >>> 0;
    if (record === 0) return undefined;
    const chunk = this.arena.chunk(record);
    const at = this.arena.offset(record);
    return unpack(chunk, at + HEAD + chunk.readUInt32LE(at), at + HEAD + chunk.readUInt32LE(at + 4));
  }

  private forget(slot: number): void {
    const record = (this.slots[slot + 1] ?? 0) >>> 0;
    this.forgotten += HEAD + this.arena.chunk(record).readUInt32LE(this.arena.offset(record) + 4);
  }

  private resize(length: number): void {
    const { slots } = this;
    this.slots = new Int32Array(length);
    this.mask = length / 2 - 1;
    for (let from = 0; from < slots.length; from += 2) {
      if (slots[from + 1] === 0) continue;
      let at = ((slots[from] ?? 0) & this.mask) * 2;
      while (this.slots[at + 1] !== 0) at = (at + 2) & (this.mask * 2 + 1);
      this.slots[at] = slots[from] ?? 0;
      this.slots[at + 1] = slots[from + 1] ?? 0;
    }
  }

  /** Writes the records anew where most of the memory is forgotten ones. */
  private tidy(): void {
    if (this.forgotten < TIDY || this.forgotten * 2 < this.arena.bytes) return;
    const old = this.arena;
    this.arena = new Arena();
    this.forgotten = 0;
    for (let at = 1; at < this.slots.length; at += 2) {
      const record = (this.slots[at] ?? 0) >>> 0;
      if (record === 0) continue;
      const chunk = old.chunk(record);
      const from = old.offset(record);
      const size = HEAD + chunk.readUInt32LE(from + 4);
      const moved = this.arena.add(size);
      chunk.copy(this.arena.chunk(moved), this.arena.offset(moved), from, from + size);
      this.slots[at] = moved | 0;
    }
  }
}

/** FNV-1a over a run of bytes, mixed once more so that its low bits depend on all. */
function hashOf(buffer: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (buffer[at] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
