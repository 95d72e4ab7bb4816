import type { ExitCode } from './errors.js';

/** A row that a rollback leaves as it is. */
export interface KeptRow {
  /** The handle's value; of several columns a JSON array of their texts. */
  readonly key: string;
  /** `changed`: someone else has written it since; `referred`: a row that stays refers to it. */
  readonly why: 'changed' | 'referred';
  /** The run that has changed it, or the foreign key by which it is referred to; null where that is not known. */
  readonly by: string | null;
}

/** What a rollback does, or has done, to the rows of one mapping. */
export interface RolledBackMapping {
  readonly mapping: string;
  /** Schema and table, quoted. */
  readonly table: string;
  /** Rows that the run had created, and that go. */
  readonly deleted: number;
  /** Rows that get their old values back. */
  readonly restored: number;
  /** Rows that the run had deleted, and that come back. */
  readonly reinserted: number;
  /** Rows that the run had changed and that someone has deleted since: there is nothing to restore. */
  readonly gone: number;
  /** Rows of these that were changed since, and are overwritten because of `--force`. */
  readonly forced: number;
  readonly kept: readonly KeptRow[];
}

/** What a rollback came to, or would come to. */
export interface RollbackResult {
  readonly run: string;
  readonly project: string;
  /** `nothing`: there was nothing left to undo; `refused`: the user has said no; `partly`: rows were kept. */
  readonly status: 'rolled_back' | 'partly' | 'nothing' | 'refused';
  readonly exitCode: ExitCode;
  /** In the order of their names. */
  readonly mappings: readonly RolledBackMapping[];
}
