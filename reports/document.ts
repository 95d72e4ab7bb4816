import type { Report } from './report.js';

/** A finished document. `extension` has no dot before it; `mediaType` names the charset where it is text. */
export interface Rendered {
  readonly output: string;
  readonly mediaType: string;
  readonly extension: string;
}

/** A format: a function of the report alone. It never throws for a well-typed one. */
export interface Format {
  /** The name that `--format` takes. */
  readonly format: string;
  readonly render: (report: Report) => Promise<Rendered>;
}
