import type { RunResult } from '../engine/contract/result.js';
import { counted } from './format.js';

/** What sets a run apart from a migration. */
export interface Mode {
  /** `DRY RUN`, `SAMPLE` */
  readonly name: string;
  /** One sentence. */
  readonly meaning: string;
}

/** How a run was tried out; empty for the migration itself. */
export function modesOf({ dryRun, limit }: RunResult): readonly Mode[] {
  const sample =
    limit === null
      ? []
      : [
          {
            name: 'SAMPLE',
            meaning: `${counted(limit, 'row')} of each mapping and every row that they refer to; counts and checks speak of these alone.`,
          },
        ];
  const dry = {
    name: 'DRY RUN',
    meaning: 'Everything was done in one transaction and taken back: only sequences have moved on.',
  };
  return dryRun ? [dry, ...sample] : sample;
}
