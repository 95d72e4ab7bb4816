import type { RunEvent } from '../../contract/events.js';

/** What progress writes to: stderr as a rule. `columns` changes when a terminal is resized. */
export interface ProgressStream extends NodeJS.WritableStream {
  readonly columns?: number;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  /** The stream is a terminal that may be drawn on: the caller has looked at CI, TERM and `--quiet`. */
  readonly tty: boolean;
  readonly color: boolean;
  /** Milliseconds; the clock in a test. */
  readonly now?: () => number;
}

/** Shows a run while it goes on. Never throws; does not keep the process alive. */
export interface Progress {
  readonly onEvent: (event: RunEvent) => void;
  /** Prints lines that stay, above the live block; colours may be in it already. */
  readonly log: (line: string) => void;
  /** Prints what still waits, takes the live block away and gives the cursor back. To be called at every end. */
  readonly stop: () => void;
}
