import { EXIT, EtlError, ProblemsError } from '../contract/errors.js';

/** How the command was asked to show things. */
export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Colours on stderr. */
  readonly color: boolean;
  /** Colours on stdout. */
  readonly colorOut: boolean;
  /** A terminal that lines can be redrawn on. */
  readonly tty: boolean;
}

/** Looks at flags, NO_COLOR, TERM, CI and the streams themselves. */
export function outputOf(flags: { json?: boolean; quiet?: boolean; verbose?: boolean }): Output {
  const { NO_COLOR, TERM, CI } = process.env;
  const plain = (NO_COLOR !== undefined && NO_COLOR !== '') || TERM === 'dumb';
  return {
    json: flags.json === true,
    quiet: flags.quiet === true,
    verbose: flags.verbose === true,
    color: !plain && process.stderr.isTTY,
    colorOut: !plain && process.stdout.isTTY,
    tty: process.stderr.isTTY && TERM !== 'dumb' && (CI === undefined || CI === '' || CI === 'false'),
  };
}

export const out = (text: string): void => {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
};

export const err = (text: string): void => {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
};

/** Prints what went wrong, one message without a stack, and gives the exit code. */
export function report(error: unknown, output: Output): number {
  const paint = (text: string): string => (output.color ? `\u001b[1;31m${text}\u001b[0m` : text);
  if (error instanceof ProblemsError) return error.exitCode; // shown with their frames already
  if (error instanceof EtlError) {
    err(`${paint('error')}: ${error.message}`);
    if (error.help !== undefined) err(`  = help: ${error.help}`);
    return error.exitCode;
  }
  err(`${paint('internal error')}: ${error instanceof Error ? error.message : String(error)}`);
  if (output.verbose && error instanceof Error) err(error.stack ?? '');
  else err('  = help: this is a fault of Crosswalk; --verbose shows where');
  return EXIT.internal;
}
