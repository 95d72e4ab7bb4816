/** Bytes of a chunk: memory that nothing was written to costs none. */
const CHUNK = 1 << 20;
/** Records begin at multiples of this, so that 32 bits name 16 GB. */
const UNIT = 4;
const UNITS = CHUNK / UNIT;

/** Records of bytes one after the other in growing memory, each named by a number from 1 on. Nothing is ever moved. */
export class Arena {
  private readonly chunks: Buffer[] = [];
  private used = CHUNK;
  /** Bytes of all records; what the caller has forgotten it counts itself. */
  bytes = 0;

  /** The memory of a record: its chunk, in which it begins at {@link offset}. */
  chunk(record: number): Buffer {
    const found = this.chunks[Math.floor((record - 1) / UNITS)];
    if (found === undefined) throw new Error(`the arena has no record ${String(record)}`);
    return found;
  }

  offset(record: number): number {
    return ((record - 1) % UNITS) * UNIT;
  }

  /** Room for a record of `size` bytes. One that is larger than a chunk has one of its own. */
  add(size: number): number {
    this.bytes += size + (-size & (UNIT - 1));
    if (this.used + size > CHUNK) {
      this.chunks.push(Buffer.allocUnsafeSlow(Math.max(CHUNK, size)));
      this.used = 0;
    }
    const record = (this.chunks.length - 1) * UNITS + this.used / UNIT + 1;
    this.used += size + (-size & (UNIT - 1));
    return record;
  }
}
