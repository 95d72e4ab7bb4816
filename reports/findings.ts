import type { MappingResult, RunResult } from '../engine/contract/result.js';
import { causesOf } from './causes.js';

/** Something that a run which ended well leaves to be accepted. */
export interface Finding {
  readonly kind: 'rejected' | 'unresolved' | 'warned' | 'check' | 'gone';
  readonly mapping: string;
  readonly column: string | null;
  /** As exceptions.yaml names it: a rule, or a check. */
  readonly rule: string;
  /** Rows; of a check 1. */
  readonly count: number;
}

/** All that may be accepted: what makes a run fail is not among it. */
export function findingsOf(result: RunResult): readonly Finding[] {
  const causes = causesOf(result).map(({ mapping, column, rule, count }): Finding => ({
    kind: 'rejected',
    mapping,
    column,
    rule,
    count,
  }));
  return [...causes, ...result.mappings.flatMap((mapping) => othersOf(mapping))];
}

function othersOf(result: MappingResult): readonly Finding[] {
  const { mapping, references, warnings, checks, deleted, rejected, rejects } = result;
  const named = rejects.reduce((total, group) => total + group.count, 0);
  const left = deleted === null ? 0 : deleted.found - deleted.deleted;
  return [
    ...references.map(({ column, missing }): Finding => {
      const count = Math.max(0, missing - rejectedFor(result, column));
      return { kind: 'unresolved', mapping, column, rule: 'references', count };
    }),
    ...Object.entries(warnings).map(([rule, count]): Finding => ({
      kind: 'warned',
      mapping,
      column: null,
      rule,
      count,
    })),
    ...checks
      .filter(({ status }) => status === 'warned')
      .map(({ check }): Finding => ({ kind: 'check', mapping, column: null, rule: check, count: 1 })),
    // Rows of which only the number is known.
    { kind: 'rejected' as const, mapping, column: null, rule: '', count: rejected - named },
    { kind: 'gone' as const, mapping, column: null, rule: 'deleted_rows', count: left },
  ].filter(({ count }) => count > 0);
}

/** Rows whose missing reference has rejected them: they are counted as rejects. */
function rejectedFor({ rejects }: MappingResult, column: string): number {
  return rejects
    .filter((group) => group.rule === 'references' && group.column === column)
    .reduce((total, group) => total + group.count, 0);
}
