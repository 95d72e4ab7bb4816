import { unescapeCopy } from '../../contract/copy-text.js';

const TAB = 0x09;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;

/** One row of COPY's text format, where it lies in the bytes that came: nothing is decoded until it is asked for. */
export class Row {
  buffer: Buffer = Buffer.alloc(0);
  /** First byte of each field, and the one behind its last. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** First byte of the row, and the one behind its newline. */
  start = 0;
  end = 0;
  /** The row's id where the engine gives it, set before the columns are made. */
  id = '';
  /** The row's canonical source key. */
  key = '';

  constructor(readonly width: number) {
    this.starts = new Int32Array(Math.max(1, width));
    this.ends = new Int32Array(Math.max(1, width));
  }

  /** Finds the fields of the row that begins at `from`; false where its end has not arrived yet. */
  find(buffer: Buffer, from: number): boolean {
    const { starts, ends } = this;
    const { length } = buffer;
    let field = 0;
    starts[0] = from;
    for (let at = from; at < length; at++) {
      const byte = buffer[at];
      if (byte === TAB) {
        ends[field++] = at;
        starts[field] = at + 1;
      } else if (byte === NEWLINE) {
        ends[field] = at;
        this.buffer = buffer;
        this.start = from;
        this.end = at + 1;
        return true;
      }
    }
    return false;
  }

  isNull(field: number): boolean {
    const start = this.starts[field] ?? 0;
    return (
      (this.ends[field] ?? 0) - start === 2 &&
      this.buffer[start] === BACKSLASH &&
      this.buffer[start + 1] === 0x4e
    );
  }

  /** A field's value as PostgreSQL's text, or null. */
  text(field: number): string | null {
    const start = this.starts[field] ?? 0;
    const end = this.ends[field] ?? 0;
    if (end - start === 2 && this.buffer[start] === BACKSLASH && this.buffer[start + 1] === 0x4e) return null;
    const text = this.buffer.toString('utf8', start, end);
    return text.includes('\\') ? unescapeCopy(text) : text;
  }

  /** A field as a whole number of at most 15 digits, or NaN where it is none (null included). */
  integer(field: number): number {
    const { buffer } = this;
    const end = this.ends[field] ?? 0;
    let at = this.starts[field] ?? 0;
    const negative = buffer[at] === 0x2d;
    if (negative) at++;
    if (end - at > 15 || end === at) return NaN;
    let value = 0;
    for (; at < end; at++) {
      const digit = (buffer[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) return NaN;
      value = value * 10 + digit;
    }
    return negative ? -value : value;
  }
}
