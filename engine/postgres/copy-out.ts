import type { Connection as PgConnection } from 'pg';
import type { Duplex } from 'node:stream';

/** Message types of the protocol, "Message Formats". */
const COPY_DATA = 0x64;
const COPY_OUT_RESPONSE = 0x48;
const NOTICE = 0x4e;
const PARAMETER_STATUS = 0x53;
/** Messages that do not end the copy. */
const OWN = new Set([COPY_DATA, COPY_OUT_RESPONSE, NOTICE, PARAMETER_STATUS]);
/** Type and length of a message. */
const HEADER = 5;

/** Chunks that wait for the reader before the socket is paused. */
const QUEUE = 8;

type DataListener = (data: Buffer) => void;

/**
 * A `copy … to stdout` that takes the socket's bytes as they come, without pg's parser in between: the server sends
 * one CopyData message a row (protocol, "COPY Operations"), so what is given away are chunks of whole rows.
 * Everything that is not the copy's goes to pg. To be handed to `client.query` of pg.
 */
export class CopyOut implements AsyncIterableIterator<Buffer> {
  private readonly queue: Buffer[] = [];
  private stream: Duplex | null = null;
  private listener: DataListener | null = null;
  /** What came of a message that is not whole yet, and the bytes needed before it is looked at again. */
  private rest: Buffer[] = [];
  private have = 0;
  private need = HEADER;
  private failure: Error | null = null;
  private ended = false;
  private waiting: { resolve: () => void } | null = null;

  constructor(private readonly text: string) {}

  submit(connection: PgConnection): void {
    const { stream } = connection;
    const [listener] = stream.listeners('data') as DataListener[];
    this.stream = stream;
    this.listener = listener ?? null;
    if (listener !== undefined) stream.off('data', listener);
    stream.on('data', this.take);
    connection.query(this.text);
  }

  /** Whether the server still has something to say to it. */
  get isUnderWay(): boolean {
    return this.stream !== null && !this.ended && this.failure === null;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Buffer>> {
    for (;;) {
      const chunk = this.queue.shift();
      if (chunk !== undefined) {
        if (this.queue.length === 0 && this.listener !== null) this.stream?.resume();
        return { done: false, value: chunk };
      }
      if (this.failure !== null) throw this.failure;
      if (this.ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.waiting = { resolve };
      });
    }
  }

  /** Whoever stops reading in the middle ends the connection: the server would go on sending. */
  async return(): Promise<IteratorResult<Buffer>> {
    if (!this.ended && this.failure === null) this.stream?.destroy();
    return Promise.resolve({ done: true, value: undefined });
  }

  private readonly take = (data: Buffer): void => {
    this.rest.push(data);
    this.have += data.length;
    // A row of many pieces is joined once.
    if (this.have < this.need) return;
    const bytes = this.rest.length === 1 ? data : Buffer.concat(this.rest, this.have);
    const { length } = bytes;
    let at = 0;
    // Rows move over the headers before them, in place.
    let filled = 0;
    let leave = false;
    this.need = HEADER;
    while (length - at >= HEADER) {
      const type = bytes[at];
      const size = 1 + bytes.readInt32BE(at + 1);
      leave = !OWN.has(type ?? 0);
      if (leave) break;
      if (size > length - at) {
        this.need = size;
        break;
      }
      const end = at + size;
      if (type === COPY_DATA) {
        bytes.copyWithin(filled, at + HEADER, end);
        filled += size - HEADER;
      } else if (type !== COPY_OUT_RESPONSE) {
        this.listener?.(Buffer.from(bytes.subarray(at, end)));
      }
      at = end;
    }
    const left = bytes.subarray(at);
    if (filled > 0) this.give(bytes.subarray(0, filled));
    this.have = left.length;
    this.rest = left.length > 0 ? [left] : [];
    if (leave) this.leave(left);
  };

  private give(chunk: Buffer): void {
    if (this.queue.push(chunk) >= QUEUE) this.stream?.pause();
    this.wake();
  }

  /** Gives the socket back to pg, with what is not the copy's: its end, or an error. */
  private leave(bytes: Buffer): void {
    const { stream, listener } = this;
    if (stream === null || listener === null) return;
    stream.off('data', this.take);
    stream.on('data', listener);
    this.listener = null;
    stream.resume();
    listener(bytes);
  }

  private wake(): void {
    this.waiting?.resolve();
    this.waiting = null;
  }

  handleReadyForQuery(): void {
    this.ended = true;
    this.wake();
  }

  handleError(error: Error): void {
    this.failure = error;
    this.wake();
  }

  handleCommandComplete(): void {
    /* its count says nothing that the rows do not */
  }

  handleCopyData(): void {
    /* taken from the socket */
  }

  handleEmptyQuery(): void {
    /* never a copy */
  }

  handleRowDescription(): void {
    /* never of a copy */
  }
}
