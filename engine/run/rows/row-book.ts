/** What a mapping's batches must keep of each row besides its line. */
export interface BookNeeds {
  /** Keys and handles: somebody refers to the rows, or the pairs are kept, or a second pass comes. */
  readonly keys: boolean;
  /** Handles of new rows, although nobody needs keys: a rollback finds the rows by them. */
  readonly handles: boolean;
  readonly references: number;
}

/**
 * The rows of a batch that await the target's word, column by column: a million small objects would cost the
 * collector more than the rows themselves (measured: 4 of 18 s CPU). A row's source line stays where it came.
 */
export class RowBook {
  private readonly chunks: Buffer[] = [];
  private starts = new Int32Array(1024);
  private ends = new Int32Array(1024);
  private outcomesOf: Uint8Array;
  readonly keys: string[] = [];
  readonly handles: string[] = [];
  /** References that a second pass must complete, by row: column → canonical key. */
  readonly pending = new Map<number, ReadonlyMap<string, string>>();
  /** Bytes of the source lines. */
  bytes = 0;

  constructor(private readonly needs: BookNeeds) {
    this.outcomesOf = new Uint8Array(1024 * needs.references);
  }

  get count(): number {
    return this.chunks.length;
  }

  /** Takes a row in; `key` and `handle` are left aside where nobody needs them. */
  add(
    line: { readonly buffer: Buffer; readonly start: number; readonly end: number },
    key: string,
    handle: string,
    outcomes: Uint8Array,
    pending: ReadonlyMap<string, string>,
  ): void {
    const n = this.chunks.push(line.buffer) - 1;
    if (n >= this.starts.length) this.grow();
    this.starts[n] = line.start;
    this.ends[n] = line.end;
    this.bytes += line.end - line.start;
    const { references } = this.needs;
    for (let i = 0; i < references; i++) this.outcomesOf[n * references + i] = outcomes[i] ?? 0;
    if (this.needs.keys) this.keys.push(key);
    if (this.needs.keys || this.needs.handles) this.handles.push(handle);
    if (pending.size > 0) this.pending.set(n, new Map(pending));
  }

  /** Takes the last row out again, and gives its line. */
  takeLast(): Buffer {
    const n = this.count - 1;
    const line = this.line(n);
    this.chunks.pop();
    this.bytes -= line.length;
    this.keys.pop();
    this.handles.pop();
    this.pending.delete(n);
    return line;
  }

  /** A row's source line, as it came. */
  line(n: number): Buffer {
    return this.chunks[n]?.subarray(this.starts[n], this.ends[n]) ?? Buffer.alloc(0);
  }

  /** A row's outcome of one of its references: see OUTCOME. */
  outcome(n: number, reference: number): number {
    return this.outcomesOf[n * this.needs.references + reference] ?? 0;
  }

  private grow(): void {
    const wider = <T extends Int32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.starts = wider(this.starts, new Int32Array(this.starts.length * 2));
    this.ends = wider(this.ends, new Int32Array(this.ends.length * 2));
    this.outcomesOf = wider(this.outcomesOf, new Uint8Array(this.starts.length * this.needs.references));
  }
}
