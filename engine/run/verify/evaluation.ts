import type { CheckSpec } from '../../contract/check.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import type { CheckResult, Difference } from '../../contract/result.js';
import type { RunContext } from '../context.js';
import type { Comparison } from './compare.js';
import type { CompareSessions } from './compare-sessions.js';
import type { Finding } from './findings.js';

/** How a mapping's own checks are carried out. */
export interface EvaluateNeeds {
  /** Findings of each kind and column that are kept. */
  readonly most: number;
  /** No other mapping of the project tells of rows in its table that are not the project's. */
  readonly alone: boolean;
  /**
   * Rows of the target that no source row answers. In a run they are told of and do not count: it has loaded neither those
   * whose source row is gone nor those that others have added meanwhile.
   */
  readonly unanswered: 'reported' | 'differs';
  /** Compares the rows whether a check asks for it or not. */
  readonly always: boolean;
}

/** What each check of a mapping works with. */
export interface Evaluation {
  readonly context: RunContext;
  readonly compiled: CompiledMapping;
  readonly sessions: CompareSessions;
  readonly needs: EvaluateNeeds;
  /** Null where no check needs it, or the rows cannot be found again. */
  readonly comparison: Comparison | null;
  /** The mapping's rows in the target. */
  readonly rows: number;
}

/** A check that cannot be made, since the rows cannot be compared. */
export function notFound({ name }: CheckSpec): CheckResult {
  const note =
    'its rows cannot be told from others, or have a key without a text that both sides share: compare them with a query';
  return { check: name, status: 'warned', source: '', target: '', note };
}

export const bare = ({ handle: _handle, ...difference }: Finding): Difference => difference;
