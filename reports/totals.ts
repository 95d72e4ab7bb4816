import type { Accounting, MappingResult, RunResult } from '../engine/contract/result.js';

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
