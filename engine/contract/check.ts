import type { SqlText } from './sql-text.js';
import type { Located, Position } from './problem.js';
import type { Threshold } from './threshold.js';
import type { Scalar } from './value.js';

/** The checks that compare a column of the target with what the mapping makes of the source. */
export type AggregateKind = 'sum' | 'min_max' | 'distinct';

/** One item of `checks:`. */
export interface CheckSpec {
  /** `name:`, or else the check's own: `sum price`, `unique a, b`, `content`. */
  readonly name: string;
  readonly test:
    | { readonly kind: AggregateKind; readonly column: Located<string> }
    | { readonly kind: 'unique'; readonly columns: readonly Located<string>[] }
    /** `row_count` and `references` are always on: an item can only say how grave they are. */
    | { readonly kind: 'content' | 'row_count' | 'references' }
    | {
        readonly kind: 'query';
        readonly connection: Located<string>;
        readonly sql: SqlText;
        /** Null: the query gives no row. Else the one value that it gives. */
        readonly value: Scalar | null;
      };
  readonly severity: 'error' | 'warn';
  /** Null: any row. */
  readonly errorIf: CheckLimit | null;
  readonly warnIf: CheckLimit | null;
  readonly at: Position;
}

/** `> 100`, `>= 1%`: how many rows a check may find; a percentage is one of the mapping's rows in the target. */
export interface CheckLimit {
  readonly operator: '>' | '>=' | '=' | '!=';
  readonly amount: Threshold;
}
