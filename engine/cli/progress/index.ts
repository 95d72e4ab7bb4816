import { liveProgress } from './live.js';
import type { Progress, ProgressOptions } from './options.js';
import { plainProgress } from './plain.js';

export type { Progress, ProgressOptions } from './options.js';

/** Progress for a terminal that may be drawn on, or else for a log. */
export function createProgress(options: ProgressOptions): Progress {
  return options.tty ? liveProgress(options) : plainProgress(options);
}
