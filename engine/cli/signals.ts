import { EXIT } from '../contract/errors.js';
import type { StopSignal } from '../run/stop.js';
import { err } from './io.js';

/** Ends the process, after a moment at the most, whatever still hangs. */
const MOMENT = 3000;

/**
 * First SIGINT or SIGTERM: the run stops after the batch at hand. Second: `abort` is tried for three seconds
 * and the process ends.
 * @returns takes the handlers away again
 */
export function watchSignals(
  stop: StopSignal,
  say: (line: string) => void,
  abort: () => Promise<void>,
): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!stop.requested) {
      stop.request(`${signal} received`);
      say(`${signal}: the batch at hand is finished and committed; again to stop at once`);
      return;
    }
    err(`${signal} again: stopping at once; the batch at hand leaves nothing`);
    setTimeout(() => process.exit(EXIT.interrupted), MOMENT).unref();
    void abort().finally(() => process.exit(EXIT.interrupted));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}
