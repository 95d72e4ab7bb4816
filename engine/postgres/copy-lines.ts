const TAB = 0x09;
const NEWLINE = 0x0a;

/**
 * Rows in COPY's text format, found by their number (from 0) and by their columns. COPY writes tabs and newlines
 * inside a value with a backslash and a letter, so that the bytes themselves only ever end a field or a row.
 */
export class CopyLines {
  /** Where each line starts, and behind the last one its end. */
  private readonly starts: Int32Array;

  constructor(
    private readonly bytes: Buffer,
    readonly count: number,
  ) {
    this.starts = new Int32Array(count + 1);
    for (let n = 0, at = 0; n < count; n++) {
      at = bytes.indexOf(NEWLINE, at) + 1;
      this.starts[n + 1] = at;
    }
  }

  /**
   * The lines again with only some of their fields, each behind its number counted from 1.
   * @param fields the fields' places from 0, ascending, at least one
   */
  pick(fields: readonly number[]): Buffer {
    const { bytes, starts, count } = this;
    // Numbers of up to ten digits and a tab each.
    const out = Buffer.allocUnsafe(bytes.length + count * 12);
    let length = 0;
    for (let n = 0; n < count; n++) {
      let at = starts[n] ?? 0;
      length = writeNumber(out, length, n + 1);
      let field = 0;
      for (const wanted of fields) {
        // Most fields are short: a native search for the tab would cost more than this loop.
        while (field < wanted) if (bytes[at++] === TAB) field++;
        out[length++] = TAB;
        for (
          let byte = bytes[at] ?? NEWLINE;
          byte !== TAB && byte !== NEWLINE;
          byte = bytes[++at] ?? NEWLINE
        ) {
          out[length++] = byte;
        }
      }
      out[length++] = NEWLINE;
    }
    return out.subarray(0, length);
  }

  /** The lines of the given numbers, and all others; the numbers ascend. */
  split(numbers: readonly number[]): { readonly those: Buffer; readonly others: Buffer } {
    const { bytes, starts } = this;
    const others: Buffer[] = [];
    let from = 0;
    for (const n of numbers) {
      others.push(bytes.subarray(from, starts[n]));
      from = starts[n + 1] ?? from;
    }
    others.push(bytes.subarray(from));
    const those = numbers.map((n) => bytes.subarray(starts[n], starts[n + 1]));
    return { those: Buffer.concat(those), others: Buffer.concat(others) };
  }
}

/** Writes a number of at least 1, and gives where it ends. */
function writeNumber(out: Buffer, start: number, value: number): number {
  let end = start + 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end++;
  for (let at = end - 1, rest = value; at >= start; at--, rest = Math.floor(rest / 10))
    out[at] = 0x30 + (rest % 10);
  return end;
}
