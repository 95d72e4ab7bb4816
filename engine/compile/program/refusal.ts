import type { Position } from '../../contract/problem.js';
import type { Cause, RejectedRow } from '../../resolve/rejected-keys.js';

/** The rejected row that a row refers to, and the first cause of it all. */
export interface Because {
  readonly parent: RejectedRow;
  readonly first: Cause;
}

/** Why a row is not loaded (or, of severity `warn`, what is to be said of it): a bad row is a value. */
export class Refusal {
  constructor(
    /** The target column, or null where the whole row is meant. */
    readonly column: string | null,
    /** Step, resolver, rule or the catalogue's limit that decided. */
    readonly rule: string,
    readonly reason: string,
    /** The value that was refused, before the step or rule; null where there is none. */
    readonly value: string | null,
    /** The line of the mapping. */
    readonly at: Position,
    readonly severity: 'reject' | 'fail' = 'reject',
    /** Of a row that refers to one which was rejected: that row, and where it all began. */
    readonly because: Because | null = null,
  ) {}

  /** The same without the value, for columns whose values must not be shown. */
  masked(): Refusal {
    const value = this.value === null ? null : '***';
    const reason = this.value === null ? this.reason : 'the value is sensitive';
    return new Refusal(this.column, this.rule, reason, value, this.at, this.severity, this.because);
  }
}

/** A value as it may stand in a reason: short, in quotes. */
export const shown = (value: string): string =>
  `"${value.length > 80 ? `${Array.from(value).slice(0, 79).join('')}…` : value}"`;

/** A value that no UTF-8 database can hold. */
export const encodingRefusal = (column: string, at: Position, value: string): Refusal =>
  new Refusal(column, 'encoding', 'U+0000 and lone surrogates cannot be stored', value, at);

/** A value after a step or its resolver. */
export type Resolved = string | null | Refusal;
