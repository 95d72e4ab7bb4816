import { crosswalk, crosswalkKeep, pass } from './crosswalk.mjs';
import { fdw } from './fdw.mjs';
import { limitKeyDropped, limitKeyKept } from './limit.mjs';
import { pgcopydb, pgloader } from './loaders.mjs';
import { barePipe, pipe } from './pipe.mjs';
import { script } from './script.mjs';

/**
 * What the bench can run, in the order of its rounds. Each: `name`; `group` (several of which the faster counts);
 * `ours` where it is Crosswalk; `title`, a sentence in Markdown; `holds`, what the target must hold afterwards
 * (lib/check.mjs); `missing(bed)`, why it cannot run here, or null; `prepare(bed)`, not measured; `run(bed)`, measured,
 * may give `cpu` and `rss`.
 */
export const REFERENCES = [
  limitKeyKept, limitKeyDropped, pipe, fdw, script, pgloader, pgcopydb, crosswalk, crosswalkKeep, barePipe, pass,
]; // prettier-ignore
