import type { RunResult } from '../engine/contract/result.js';

/** A finished document. `extension` has no dot; `mediaType` names the charset where it is text. */
export interface Rendered {
  readonly output: string;
  readonly mediaType: string;
  readonly extension: string;
}

/** A format: a pure function of what a run came to. It never throws for a well-typed result. */
export interface Report {
  /** The name that `--format` takes. */
  readonly format: string;
  readonly render: (result: RunResult) => Rendered;
}
