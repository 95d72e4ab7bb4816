import { DIRECT_BYTES, type DirectStep } from '../../contract/step.js';

const TAB = 0x09;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const SPECIAL = /[\\\n\r\t]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** Shorter texts are written byte by byte: a native call costs more than their loop. */
const SHORT = 32;

/** Room for the chunk whose rows are being made. */
const INPUT = 1 << 18;

/**
 * Grows as rows of COPY's text format are written into it; a row that fails is cut off again. The chunk that the
 * rows come from lies in the same memory before them, because a move within one buffer costs 30 ns whatever its
 * length, a copy between two 120 ns (measured, 80 bytes).
 */
export class Output {
  private buffer: Buffer;
  private input: Buffer | null = null;
  /** Where the rows begin. */
  private readonly base: number;
  /** Behind the last byte written; set back to take a row out again. */
  length: number;

  /** @param capacity bytes of rows to begin with */
  constructor(capacity = 1 << 16, input = INPUT) {
    this.base = input;
    this.length = input;
    this.buffer = Buffer.allocUnsafe(input + capacity);
  }

  /** Bytes of the rows. */
  get size(): number {
    return this.length - this.base;
  }

  /** The rows written; good until {@link clear}. */
  bytes(): Buffer {
    return this.buffer.subarray(this.base, this.length);
  }

  /** Starts anew in the same memory. */
  clear(): void {
    this.length = this.base;
    this.input = null;
  }

  /** Makes the bytes of a chunk cheap to {@link copy}. */
  take(chunk: Buffer): void {
    this.input = chunk.length <= this.base ? chunk : null;
    if (this.input !== null) this.buffer.set(chunk, 0);
  }

  tab(): void {
    this.ensure(1);
    this.buffer[this.length++] = TAB;
  }

  newline(): void {
    this.ensure(1);
    this.buffer[this.length++] = NEWLINE;
  }

  null(): void {
    this.ensure(2);
    this.buffer[this.length++] = BACKSLASH;
    this.buffer[this.length++] = 0x4e;
  }

  copy(from: Buffer, start: number, end: number): void {
    const size = end - start;
    this.ensure(size);
    if (from === this.input) this.buffer.copyWithin(this.length, start, end);
    else if (size < SHORT) this.each(from, start, end);
    else from.copy(this.buffer, this.length, start, end);
    this.length += size;
  }

  private each(from: Buffer, start: number, end: number): void {
    const { buffer } = this;
    let at = this.length;
    for (let i = start; i < end; i++) buffer[at++] = from[i] ?? 0;
  }

  /** Lets a step write into the rows' memory; nothing is written where it gives -1. */
  direct(write: DirectStep, from: Buffer, start: number, end: number): boolean {
    this.ensure(DIRECT_BYTES);
    const behind = write(from, start, end, this.buffer, this.length);
    if (behind < 0) return false;
    this.length = behind;
    return true;
  }

  /** Writes a whole number that is exact in a double. */
  integer(value: number): void {
    this.ensure(20);
    let rest = value;
    if (rest < 0) {
      this.buffer[this.length++] = 0x2d;
      rest = -rest;
    }
    if (rest <= 0x3fffffff) this.small(rest | 0);
    else this.large(rest);
  }

  private small(value: number): void {
    const { buffer } = this;
    let size = 1;
    for (let power = 10; power <= value && size < 10; power *= 10) size++;
    const end = this.length + size;
    let rest = value;
    for (let at = end - 1; at >= this.length; at--) {
      const next = (rest / 10) | 0;
      buffer[at] = 0x30 + (rest - next * 10);
      rest = next;
    }
    this.length = end;
  }

  private large(value: number): void {
    let size = 1;
    for (let power = 10; power <= value; power *= 10) size++;
    const end = this.length + size;
    let rest = value;
    for (let at = end - 1; at >= this.length; at--) {
      const next = Math.floor(rest / 10);
      this.buffer[at] = 0x30 + (rest - next * 10);
      rest = next;
    }
    this.length = end;
  }

  /** Whether what was written since {@link length} was `start` equals a part of another buffer. */
  equals(start: number, other: Buffer, from: number, to: number): boolean {
    return (
      this.length - start === to - from && other.compare(this.buffer, start, this.length, from, to) === 0
    );
  }

  /** A copy of what was written since {@link length} was `start`. */
  since(start: number): Buffer {
    return Buffer.from(this.buffer.subarray(start, this.length));
  }

  /**
   * Writes a value with COPY's escapes.
   * @returns false, with nothing written, where no UTF-8 database can hold it: U+0000 or a lone surrogate
   */
  text(value: string): boolean {
    const size = value.length;
    this.ensure(size * 3 + 8);
    if (size < SHORT && this.ascii(value)) return true;
    if (value.includes('\0') || !value.isWellFormed()) return false;
    const escaped = SPECIAL.test(value) ? value.replace(SPECIAL, (c) => ESCAPES[c] ?? c) : value;
    SPECIAL.lastIndex = 0;
    if (escaped.length > size) this.ensure(escaped.length * 3);
    this.length += this.buffer.write(escaped, this.length, 'utf8');
    return true;
  }

  /** Writes plain ASCII; gives false, with nothing written, at the first character that needs more. */
  private ascii(value: string): boolean {
    const { buffer } = this;
    let at = this.length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === BACKSLASH) return false;
      buffer[at++] = code;
    }
    this.length = at;
    return true;
  }

  private ensure(more: number): void {
    const needed = this.length + more;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}
