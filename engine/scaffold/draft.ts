import type { Json } from '../contract/value.js';

/** Where a target column's value comes from, as the language writes it. */
export interface Making {
  /** The source column; null where it is made by `sql`. */
  readonly from: string | null;
  readonly sql: string | null;
  readonly steps: readonly Json[];
  /** The one resolver; null where there is none. */
  readonly map: Readonly<Record<string, string>> | null;
  readonly references: Json;
}

export const plainly = (from: string): Making => ({
  from,
  sql: null,
  steps: [],
  map: null,
  references: null,
});

/** One target column of a mapping that is to be written. */
export interface DraftColumn {
  readonly column: string;
  /** Null where nothing is known of it. */
  readonly making: Making | null;
  /** False: it stands commented out, for it would not do as it is. */
  readonly active: boolean;
  /** The source column, and how sure it is, from 0 to 1; null where there is none. */
  readonly found: { readonly source: string; readonly confidence: number } | null;
  /** What is left to a human, in order; empty where nothing is. */
  readonly todo: readonly string[];
}

/** A mapping that is to be written. Names as the language writes them. */
export interface Draft {
  readonly mapping: string;
  readonly phase: string | null;
  /** Null where none was found: `near` names those that came nearest. */
  readonly source: {
    readonly table: string;
    readonly key: readonly string[];
    /** From 0 to 1. */
    readonly confidence: number;
    /** Another mapping reads it, too. */
    readonly shared: boolean;
    /** Columns that no target column takes. */
    readonly unused: readonly string[];
  } | null;
  readonly near: readonly { readonly table: string; readonly confidence: number }[];
  readonly target: {
    readonly table: string;
    readonly key: readonly string[];
    readonly identity: string | null;
    /** Rows keep their keys although the target could give new ones. */
    readonly mayBeNew: boolean;
  };
  readonly columns: readonly DraftColumn[];
}
