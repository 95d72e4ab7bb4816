import { Writable } from 'node:stream';

/** Keeps what is written to it; `columns` as a terminal has them. */
export class Memory extends Writable {
  text = '';
  readonly columns = 80;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }

  get lines(): readonly string[] {
    return this.text.split('\n').slice(0, -1);
  }
}
