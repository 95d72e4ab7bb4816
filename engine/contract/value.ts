/** Plain JSON. Numbers as written by the user stay text (`ScalarText`) where digits must not be lost. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What a value is on its way through a column, named as PostgreSQL names it. Types that no step and
 * no conversion speaks of travel as `other`.
 */
export type BaseType =
  | 'text'
  | 'integer'
  | 'numeric'
  | 'float'
  | 'boolean'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'json'
  | 'uuid'
  | 'bytea'
  | 'other';

/** A YAML scalar with its digits kept: `1.10` stays `1.10`, `9007199254740993` stays exact. */
export interface Scalar {
  readonly type: 'string' | 'number' | 'boolean' | 'null';
  /** The text as written for strings and numbers, `true`/`false` for booleans, `` for null. */
  readonly text: string;
}
