import { EXIT, EtlError } from '../../contract/errors.js';
import type { MappingHash } from '../../contract/watermark.js';

type Hashes = Readonly<Record<string, MappingHash>>;

/**
 * What was edited between a run and its resume, and what that means, one sentence a mapping.
 * @throws EtlError exit 2 where rows that are loaded could not be found again by the edited mapping
 */
export function editsSince(run: string, before: Hashes | null, now: Hashes): readonly string[] {
  if (before === null) return [];
  const said: string[] = [];
  for (const [name, hash] of Object.entries(now)) {
    const old = before[name];
    if (old === undefined || old.rows === hash.rows) continue;
    if (old.identity !== hash.identity) {
      throw new EtlError(
        `mapping ${name} has another key, identity, source or target table than when run ${run} began: the rows that it loaded would not be found again`,
        {
          exitCode: EXIT.usage,
          help: 'put the mapping back as it was, or take the run back (etl rollback) and begin a new one',
        },
      );
    }
    said.push(
      `mapping ${name} was edited since run ${run} began: rows loaded before are made anew by it, and those that differ are written again`,
    );
  }
  return said;
}
