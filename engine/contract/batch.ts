import type { Position } from './problem.js';

/** Rows that are complete in memory before the target sees the first of them. All data is in COPY's text format. */
export interface Batch {
  /** Rows that the target does not have yet, in the order of the mapping's columns. */
  readonly inserts: { readonly lines: Buffer; readonly count: number };
  /** Rows that it has: the handle's values, then the columns. */
  readonly updates: { readonly lines: Buffer; readonly count: number };
  /** Rows that the target has just as the mapping makes them: nothing is sent. */
  readonly unchanged: number;
  /** What is written beside the rows, without those that the target refused. */
  asides(refused: Refusals): readonly Aside[];
  /** The batch's counts for its checkpoint. */
  counts(refused: Refusals): BatchCounts;
  /** Is told what the target refuses before the batch is committed. @throws where it must leave nothing */
  assertAllowed(refused: Refusals): void;
  /** The key of the batch's last row, or null where it has none. */
  readonly lastKey: string | null;
}

/** Rows of one of the state schema's tables. */
export interface Aside {
  readonly table: 'rejects' | 'warnings' | 'skipped' | 'key_map' | 'second_pass' | 'batches';
  readonly columns: readonly string[];
  readonly lines: Buffer;
}

export interface BatchCounts {
  readonly read: number;
  readonly skipped: number;
  readonly rejected: number;
  /** Of the rows that are sent to the target. */
  readonly bytes: number;
  /** Of the source's rows. */
  readonly bytesRead: number;
}

/** Rows that the target refused, by their place (from 0) among the batch's inserts and updates. */
export interface Refusals {
  readonly inserts: ReadonlyMap<number, DatabaseRefusal>;
  readonly updates: ReadonlyMap<number, DatabaseRefusal>;
}

export interface DatabaseRefusal {
  readonly sqlstate: string;
  readonly reason: string;
  /** The column that the server names, or null. */
  readonly column: string | null;
  /** The constraint that the server names, or null. */
  readonly constraint: string | null;
  /** Of a row whose key is taken: the other mapping that has made the row that has it, and that one's source key. */
  readonly madeBy?: { readonly mapping: string; readonly key: string };
}

/** What became of a batch. */
export interface BatchOutcome {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: Refusals;
}

/** A row that is not loaded, as it is kept. */
export interface Reject {
  readonly key: string | null;
  readonly column: string | null;
  readonly rule: string;
  readonly sqlstate: string | null;
  readonly reason: string;
  readonly value: string | null;
  /** The source row as JSON. */
  readonly row: string | null;
  readonly at: Position;
  /** Of a row that refers to a rejected one: the first cause of it all. */
  readonly because: {
    readonly mapping: string;
    readonly column: string | null;
    readonly rule: string;
  } | null;
}
