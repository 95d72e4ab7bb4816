import type { ProblemCode } from './codes.js';

/** A place in a project file. Lines and columns count from 1; `length` is in UTF-16 units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A value together with the place where the user wrote it. */
export interface Located<T> {
  readonly value: T;
  readonly at: Position;
}

/**
 * Something that is wrong with a project, as data: it is collected, never thrown one by one,
 * so that all problems of all files are reported at once.
 */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  /** One sentence, lower case, without a full stop: what is wrong. */
  readonly message: string;
  /** Left out where no line of a file is to blame. */
  readonly at?: Position;
  /** A few words printed under the marked text. */
  readonly label?: string;
  /** What to do next. */
  readonly help?: string;
  /** Other places that have a part in it, in their order: the edges of a circle. */
  readonly related?: readonly { readonly at: Position; readonly message: string }[];
}
