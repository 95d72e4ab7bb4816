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

/**
 * The document that `--json` prints where a command failed before it had a result of its own. Its keys may be
 * relied on; `problems` is there where the project's files are at fault.
 */
export function failureDocument(error: unknown): string {
  const exitCode = error instanceof EtlError ? error.exitCode : EXIT.internal;
  const help = error instanceof EtlError ? error.help : undefined;
  const of = error instanceof ProblemsError ? { valid: false, problems: error.problems } : {};
  const said = { message: messageOf(error), help: help ?? null, exit_code: exitCode };
  return JSON.stringify({ version: 1, error: said, ...of }, null, 2);
}

/** Prints what went wrong, one message without a stack, and gives the exit code. */
export function report(error: unknown, output: Output): number {
  if (output.json) out(failureDocument(error));
  if (error instanceof ProblemsError) return error.exitCode; // shown with their frames already
  const paint = (text: string): string => (output.color ? `\u001b[1;31m${text}\u001b[0m` : text);
  if (error instanceof EtlError) {
    err(`${paint('error')}: ${error.message}`);
    if (error.help !== undefined) err(`  = help: ${error.help}`);
    return error.exitCode;
  }
  err(`${paint('internal error')}: ${messageOf(error)}`);
  if (output.verbose && error instanceof Error) err(error.stack ?? '');
  else err('  = help: this is a fault of Crosswalk; --verbose shows where');
  return EXIT.internal;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
