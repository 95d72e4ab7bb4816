import type { Located, Problem } from './problem.js';
import { suggest } from './suggest.js';

/** The problem of a name that no column of the source has. */
export function unknownSourceColumn(
  { value, at }: Located<string>,
  known: readonly string[],
  whose = 'the source',
): Problem {
  const near = suggest(value, known);
  const there = known.filter((name) => name !== '?column?');
  const all =
    there.length === 0
      ? 'none of its columns has a name: give them one with as …'
      : `it has ${there.join(', ')}`;
  const help = near === null ? all : `did you mean "${near}"?`;
  return {
    code: 'ETL-BIND-003',
    severity: 'error',
    message: `${whose} has no column "${value}"`,
    at,
    help,
  };
}
