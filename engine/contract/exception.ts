import type { Position } from './problem.js';

/** What somebody has agreed to, in exceptions.yaml: the report counts it as accepted while it holds. */
export interface AcceptedException {
  readonly mapping: string;
  readonly what: AcceptedWhat;
  /** Rows at the most; null for any number. */
  readonly upTo: number | null;
  readonly who: string;
  readonly why: string;
  /** The last day on which it holds, `YYYY-MM-DD` in UTC. */
  readonly until: string;
  readonly at: Position;
}

/** Rows that a rule, step or resolver names, of one column or of all; or one check. */
export type AcceptedWhat =
  | { readonly kind: 'rule'; readonly rule: string; readonly column: string | null }
  | { readonly kind: 'check'; readonly check: string };
