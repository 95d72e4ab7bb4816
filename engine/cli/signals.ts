import { EXIT, EtlError } from '../contract/errors.js';
import type { StopSignal } from '../run/stop.js';
import { report, type Output } from './io.js';

/** SIGHUP is that of a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Milliseconds after which the process ends, whatever still hangs. */
const MOMENT = 3000;

let onSignal: (signal: NodeJS.Signals) => void = () => process.exit(EXIT.interrupted);

/** A signal ends the process in order, so that what it started ends too: for every command, from its start. */
export function endOnSignals(output: Output): void {
  onSignal = (signal) => {
    const message = `${signal}: stopped before anything was loaded`;
    process.exit(report(new EtlError(message, { exitCode: EXIT.interrupted }), output));
  };
  for (const signal of SIGNALS) process.on(signal, (name) => onSignal(name));
}

/**
 * For the time of a run: the first signal lets it stop after the batch at hand, at the second one `abort` is
 * tried for three seconds and the process ends.
 * @returns puts back what was before
 */
export function stopOnSignals(
  stop: StopSignal,
  dryRun: boolean,
  say: (line: string) => void,
  abort: () => Promise<void>,
): () => void {
  const before = onSignal;
  onSignal = (signal) => {
    if (!stop.requested) {
      stop.request(`${signal} received`);
      say(`${signal}: the batch at hand is finished${dryRun ? '' : ' and committed'}; again to stop at once`);
      return;
    }
    const left = dryRun ? 'nothing stays' : 'the batch at hand leaves nothing, those before it stay';
    say(`${signal} again: stopping at once; ${left}`);
    setTimeout(() => process.exit(EXIT.interrupted), MOMENT).unref();
    void abort().finally(() => process.exit(EXIT.interrupted));
  };
  return () => {
    onSignal = before;
  };
}

/** Resolves at the first signal, for a command whose work is to go on until then; the next one ends the process at once. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    onSignal = (signal) => {
      onSignal = () => process.exit(EXIT.interrupted);
      resolve(signal);
    };
  });
}
