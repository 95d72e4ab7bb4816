import type { Problem } from './problem.js';

/** The exit codes of the command line (cli.md). */
export const EXIT = {
  done: 0,
  internal: 1,
  usage: 2,
  transient: 3,
  rejects: 4,
  checks: 5,
  todo: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error with words for the user: what happened, where, and what to do next. */
export class EtlError extends Error {
  readonly exitCode: ExitCode;
  readonly help: string | undefined;

  constructor(message: string, options: { exitCode: ExitCode; help?: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EtlError';
    this.exitCode = options.exitCode;
    this.help = options.help;
  }
}

/** The project's files, or what they say of the databases, are wrong: carries every problem found. */
export class ProblemsError extends EtlError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const errors = problems.filter((problem) => problem.severity === 'error').length;
    super(`${String(errors)} ${errors === 1 ? 'error' : 'errors'}`, { exitCode: EXIT.usage });
    this.name = 'ProblemsError';
    this.problems = problems;
  }
}
