import type { Accounting, MappingResult, RejectGroup, RunResult } from '../engine/contract/result.js';

/** The accounting of the whole run, and `loaded`: rows that stand in the target now. */
export interface Totals extends Accounting {
  readonly loaded: number;
  readonly bytes: number;
}

export function totalsOf(result: RunResult): Totals {
  const sum = (pick: (mapping: MappingResult) => number): number =>
    result.mappings.reduce((total, mapping) => total + pick(mapping), 0);
  return {
    read: sum((mapping) => mapping.read),
    inserted: sum((mapping) => mapping.inserted),
    updated: sum((mapping) => mapping.updated),
    unchanged: sum((mapping) => mapping.unchanged),
    skipped: sum((mapping) => mapping.skipped),
    rejected: sum((mapping) => mapping.rejected),
    unexplained: sum((mapping) => mapping.unexplained),
    loaded: sum((mapping) => mapping.inserted + mapping.updated + mapping.unchanged),
    bytes: sum((mapping) => mapping.bytes),
  };
}

/** A group of rejects together with the mapping that it belongs to. */
export interface Cause extends RejectGroup {
  readonly mapping: string;
}

/** All groups of rejects of a run, the largest first; groups of one size keep the order of the run. */
export function causesOf(result: RunResult): readonly Cause[] {
  return result.mappings
    .flatMap((mapping) => mapping.rejects.map((group) => ({ ...group, mapping: mapping.mapping })))
    .sort((left, right) => right.count - left.count);
}

/** `tasks.status`, or `tasks` for a cause that no single column bears. */
export function placeOf(cause: Cause): string {
  return cause.column === null ? cause.mapping : `${cause.mapping}.${cause.column}`;
}
