import type { Socket } from 'node:net';
import type { Pulse } from './pulse.js';

/** Looks that found nothing out, one after the other, before the connection counts as lost. */
const BLIND = 5;
/** Milliseconds at the most between two looks at a process that waits: what it has sent may still be under way. */
const AGAIN = 5000;

const WORDS: Readonly<Record<Exclude<Pulse, 'busy'>, string>> = {
  waits: 'the server is not at work on anything',
  gone: 'the server’s process is gone',
  unreachable: 'the server answers no second connection',
  unknown: 'the server lets no second connection look',
};

export interface Watched {
  /** Whether an answer is awaited. */
  readonly expects: () => boolean;
  readonly pulse: () => Promise<Pulse>;
  /** Milliseconds without a byte either way before the first look. */
  readonly stall: number;
}

/**
 * Ends a connection on which an answer is awaited and nothing moves, while the server is not at work on it: a
 * network that swallows what is sent tells neither end, and TCP's own keepalive is answered by whoever is in between.
 */
export class Watchdog {
  private blind = 0;
  /** Bytes that had come when the process was first found waiting; null while it was not. */
  private waitedSince: number | null = null;

  constructor(
    private readonly stream: Socket,
    private readonly watched: Watched,
  ) {
    stream.on('timeout', () => void this.look());
    stream.setTimeout(watched.stall);
  }

  private async look(): Promise<void> {
    const { stream, watched } = this;
    // A reader that was paused has bytes to come as soon as it goes on.
    if (!watched.expects() || stream.isPaused()) {
      this.calm();
      return;
    }
    const before = stream.bytesRead;
    const pulse = await watched.pulse();
    if (stream.destroyed) return;
    if (stream.bytesRead !== before || pulse === 'busy' || !watched.expects()) {
      this.calm();
      return;
    }
    if (pulse === 'unknown' && ++this.blind < BLIND) {
      stream.setTimeout(watched.stall);
      return;
    }
    if (pulse === 'waits' && this.waitedSince !== before) {
      this.waitedSince = before;
      stream.setTimeout(Math.min(AGAIN, watched.stall));
      return;
    }
    const seconds = String(Math.round(watched.stall / 1000));
    const error = new Error(`nothing has come for ${seconds} s, and ${WORDS[pulse]}`);
    stream.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
  }

  private calm(): void {
    this.blind = 0;
    this.waitedSince = null;
    this.stream.setTimeout(this.watched.stall);
  }
}
