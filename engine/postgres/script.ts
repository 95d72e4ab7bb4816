import type { Connection as PgConnection } from 'pg';
import type { CommandTag } from '../contract/session.js';

/** Bytes of a CopyData message: small enough that the server works while more arrives. */
const PIECE = 1 << 16;

/**
 * A simple query of several statements that carries the data of its COPYs with it: everything goes out at
 * once and the answer is awaited once, whatever the distance. The server ignores CopyData that arrives after
 * an error, so nothing need be taken back (protocol: "COPY Operations", "Message Flow").
 * To be handed to `client.query` of pg.
 */
export class Script {
  readonly done: Promise<readonly CommandTag[]>;
  private readonly tags: CommandTag[] = [];
  /** Of the statement that is being answered. */
  private rows: (readonly (string | null)[])[] = [];
  private resolve: (tags: readonly CommandTag[]) => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;

  constructor(
    private readonly text: string,
    private readonly payloads: readonly Buffer[],
  ) {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit(connection: PgConnection): void {
    const { stream } = connection;
    stream.cork();
    connection.query(this.text);
    for (const payload of this.payloads) {
      for (let at = 0; at < payload.length; at += PIECE) {
        const piece = payload.subarray(at, at + PIECE);
        const header = Buffer.allocUnsafe(5);
        header[0] = 0x64; // 'd', CopyData
        header.writeInt32BE(piece.length + 4, 1);
        stream.write(header);
        stream.write(piece);
      }
      stream.write(Buffer.from([0x63, 0, 0, 0, 4])); // 'c', CopyDone
    }
    stream.uncork();
  }

  handleCommandComplete(message: { readonly text: string }): void {
    // `COPY 5`, `UPDATE 3`, `INSERT 0 5`, `BEGIN`: the count is the last number.
    const [command = ''] = /^[A-Z ]*[A-Z]/.exec(message.text) ?? [];
    this.tags.push({ command, count: Number(/(\d+)$/.exec(message.text)?.[1] ?? 0), rows: this.rows });
    this.rows = [];
  }

  handleReadyForQuery(): void {
    this.resolve(this.tags);
  }

  handleError(error: Error): void {
    this.reject(error);
  }

  handleRowDescription(): void {
    /* the columns are in the order of the select list */
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    this.rows.push(message.fields);
  }

  handleCopyInResponse(): void {
    /* the data is on its way already */
  }

  handleEmptyQuery(): void {
    /* nothing to do */
  }
}
