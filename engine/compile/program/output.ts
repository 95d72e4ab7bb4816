const TAB = 0x09;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const SPECIAL = /[\\\n\r\t]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** Shorter texts are written byte by byte: a native call costs more than their loop. */
const SHORT = 48;

/** Grows as rows of COPY's text format are written into it; a row that fails is cut off again. */
export class Output {
  private buffer: Buffer;
  length = 0;

  constructor(capacity = 1 << 16) {
    this.buffer = Buffer.allocUnsafe(capacity);
  }

  /** What has been written; the next {@link clear} lets it go. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Starts anew with memory of its own, so that what {@link bytes} gave stays as it is. */
  clear(): void {
    this.buffer = Buffer.allocUnsafe(Math.max(1 << 16, this.length + (this.length >> 4)));
    this.length = 0;
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
    if (size < SHORT) {
      const { buffer } = this;
      let at = this.length;
      for (let i = start; i < end; i++) buffer[at++] = from[i] ?? 0;
      this.length = at;
    } else {
      from.copy(this.buffer, this.length, start, end);
      this.length += size;
    }
  }

  /** Writes a whole number that is exact in a double. */
  integer(value: number): void {
    this.ensure(20);
    let rest = value;
    if (rest < 0) {
      this.buffer[this.length++] = 0x2d;
      rest = -rest;
    }
    let size = 1;
    for (let power = 10; power <= rest; power *= 10) size++;
    const end = this.length + size;
    for (let at = end - 1; at >= this.length; at--) {
      const next = Math.floor(rest / 10);
      this.buffer[at] = 0x30 + (rest - next * 10);
      rest = next;
    }
    this.length = end;
  }

  /** A copy of what was written from `start` on. */
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
