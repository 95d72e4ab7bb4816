import type { Parent, RuleSpec, StepUse } from '../../contract/mapping.js';
import type { Refusal, Resolved } from './refusal.js';
import type { Row } from './row.js';

/** What became of a written column. */
export interface Written {
  /** Null where it was refused. */
  readonly value: string | null;
  /** Its own, whole: who shows it masks what is sensitive. */
  readonly refusal: Refusal | null;
  /** Of a reference: one of OUTCOME; `none` for all else. */
  readonly outcome: number;
  /** The keys that a second pass looks for: see `waitingKey`; null where none does. */
  readonly waiting: string | null;
}

/**
 * Is told how each value of a row comes about, by the very functions of a load: a trace listens. A program with an
 * observer goes on behind the first refusal, which decides all the same, so that every column and rule is told of.
 * Columns are indices into the mapping's.
 */
export interface Observer {
  /** A row is about to be made. */
  row(row: Row): void;
  /** What a column begins with: of several source columns all of them. */
  origin(column: number, values: readonly (string | null)[]): void;
  /** A refusal goes through all steps behind the one that it is of. */
  step(column: number, use: StepUse, result: Resolved): void;
  /** The value has no entry in the map or look-up. */
  unfound(column: number): void;
  /** After a map or look-up. */
  resolved(column: number, result: Resolved): void;
  /** A mapping was asked for the row of a canonical key. */
  asked(column: number, parent: Parent, place: number, key: string, found: string | undefined): void;
  defaulted(column: number): void;
  written(column: number, written: Written): void;
  rule(rule: RuleSpec, refusal: Refusal | null): void;
}

/** A function that tells the observer what it gave; the function itself where there is none, so that nothing costs a row. */
export function watched<A extends readonly unknown[], R>(
  observer: Observer | null,
  run: (...given: A) => R,
  tell: (observer: Observer, result: R, ...given: A) => void,
): (...given: A) => R {
  if (observer === null) return run;
  return (...given) => {
    const result = run(...given);
    tell(observer, result, ...given);
    return result;
  };
}
