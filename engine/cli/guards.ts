import { report, type Output } from './io.js';
import { endOnSignals } from './signals.js';

/**
 * For what no command can see to itself. A reader that went away (`etl run … | head -1`) costs the rest of the
 * text, not the run; an error that nobody caught is told like any other and ends the process.
 */
export function guard(output: Output): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const give = (error: unknown): void => process.exit(report(error, output));
  process.on('uncaughtException', give);
  process.on('unhandledRejection', give);
  endOnSignals(output);
}
