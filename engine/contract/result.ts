import type { ExitCode } from './errors.js';
import type { Spent, StepSettings } from './spent.js';

export type RunStatus = 'succeeded' | 'failed' | 'interrupted';

/** `not_run`: something that it needs failed, or the run stopped before its turn. */
export type MappingStatus = 'succeeded' | 'failed' | 'interrupted' | 'not_run';

/** The counts of one mapping. read = inserted + updated + unchanged + skipped + rejected + unexplained. */
export interface Accounting {
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly rejected: number;
  /** Rows of an independent count in the same snapshot that the others do not explain; 0 or the run fails. */
  readonly unexplained: number;
}

export interface ReferenceCount {
  readonly column: string;
  readonly mapping: string;
  readonly resolved: number;
  readonly null: number;
  readonly defaulted: number;
  readonly missing: number;
}

export interface CheckResult {
  readonly check: string;
  readonly status: 'passed' | 'warned' | 'failed';
  readonly source: string;
  readonly target: string;
  /** Of a sum: what the source has in rows that were rejected. source = target + rejected + skipped. */
  readonly rejected?: string;
  /** Of a sum: what it has in rows that were skipped. */
  readonly skipped?: string;
  /** Rows that the check has found; left out where it counts none. */
  readonly found?: number;
  /** Some of them, value by value. */
  readonly differences?: readonly Difference[];
  /** One sentence where there is more to say. */
  readonly note?: string;
}

/**
 * What a row of the target has that it should not have, or lacks.
 * - `changed`: another value than the mapping makes of the source row
 * - `missing`: the source row is loaded, the target does not have it
 * - `refused`: the target has it, and its source row is skipped or rejected
 * - `gone`: the project has loaded it, and no source row answers it now
 * - `added`: neither the source nor the project knows it
 * - `earlier`: the same, of a row that was there before the project first wrote to the table
 * - `broken`: it refers to a row that is not there
 */
export type DifferenceKind = 'changed' | 'missing' | 'refused' | 'gone' | 'added' | 'earlier' | 'broken';

export interface Difference {
  readonly kind: DifferenceKind;
  /** The source key as it is shown; of a row that no source row answers, the target's key or handle. */
  readonly key: string;
  /** Null where the whole row is meant. */
  readonly column: string | null;
  /** What the mapping makes of the source row, masked where the column is sensitive; null for null. */
  readonly source: string | null;
  /** What the target has. */
  readonly target: string | null;
  /** Who has changed it since it was loaded, as far as that can be told. */
  readonly cause: 'source' | 'target' | null;
  /** One sentence where there is more to say. */
  readonly note: string | null;
}

/** Rejected rows of one cause. */
export interface RejectGroup {
  readonly column: string | null;
  readonly rule: string;
  readonly sqlstate: string | null;
  readonly count: number;
  /** The line of the mapping that decided it. */
  readonly file: string;
  readonly line: number;
  /** Of rows that refer to rejected ones: the first cause of it all, `patients: email, length`; else null. */
  readonly because: string | null;
  /** At most 5, masked where columns are sensitive. */
  readonly samples: readonly {
    readonly key: string;
    readonly reason: string;
    readonly value: string | null;
  }[];
}

/** Rows of the target whose source row is gone. */
export interface DeletedRows {
  readonly found: number;
  readonly deleted: number;
  /** Not deleted, since other rows refer to them. */
  readonly kept: number;
  /** Source keys of at most 5 of them, of those that were kept where there are any. */
  readonly samples: readonly string[];
}

export interface MappingResult extends Accounting {
  readonly mapping: string;
  readonly file: string;
  readonly description: string;
  readonly sourceName: string;
  readonly targetTable: string;
  readonly status: MappingStatus;
  /** Why it failed or did not run; null where it succeeded. */
  readonly reason: string | null;
  readonly phase: string | null;
  /** Mappings of the run whose rows had to be there before its own; those that a second pass completes are not among them. */
  readonly needs: readonly string[];
  /** ISO 8601: the time from which a delta run read; null where everything was read. */
  readonly readFrom: string | null;
  /** Loaded rows whose source row is gone; null where nobody looked for them. */
  readonly deleted: DeletedRows | null;
  /** Rows by the name of the `skip_when` condition. */
  readonly skippedBy: Readonly<Record<string, number>>;
  /** Rows that a rule of severity `warn` named, by rule; they are loaded. */
  readonly warnings: Readonly<Record<string, number>>;
  readonly rejects: readonly RejectGroup[];
  readonly references: readonly ReferenceCount[];
  readonly checks: readonly CheckResult[];
  /** Times that something was tried again, after a lost connection or what else may pass. */
  readonly retries: number;
  /** Rows that a second pass completed. */
  readonly secondPass: number;
  /** Source columns that the mapping does not use and does not ignore. */
  readonly unmapped: readonly string[];
  /** Target columns left to the database's default. */
  readonly defaulted: readonly string[];
  /** Milliseconds after the run's start. */
  readonly startedAfterMs: number;
  readonly duration_ms: number;
  /** Bytes read from the source. */
  readonly bytes: number;
  /** Bytes of rows sent to the target. */
  readonly bytesSent: number;
  /** Batches that were committed. */
  readonly batches: number;
  /** Seconds by place, of all its steps; null of a mapping that did not begin. */
  readonly spent: Spent | null;
  /** What was chosen for its load; null of a mapping that did not begin. */
  readonly settings: StepSettings | null;
}

/** What a run came to: the one model of summary, report and dashboard. */
export interface RunResult {
  readonly run: string;
  readonly project: string;
  readonly status: RunStatus;
  readonly exitCode: ExitCode;
  /** Everything was taken back at the end: the counts are of what a run would have done. */
  readonly dryRun: boolean;
  /** Rows of each mapping that were asked for, to which come the rows that they refer to; null for all. */
  readonly limit: number | null;
  /** Why, one line each: empty for a run without exceptions. */
  readonly reasons: readonly string[];
  readonly startedAt: Date;
  readonly duration_ms: number;
  /** How often it was gone on with after an interruption; what came before was compared anew. */
  readonly resumes: number;
  /** Resident bytes of the process at the most; null where nobody knows. */
  readonly memory: number | null;
  readonly mappings: readonly MappingResult[];
  readonly provenance: Provenance;
}

export interface Provenance {
  readonly crosswalk: string;
  readonly node: string;
  readonly source: EndPoint;
  readonly target: EndPoint;
  /** sha256 over the project's files, hex. */
  readonly mappingsHash: string;
  readonly gitCommit: string | null;
  readonly operator: string;
  /** The exported snapshot that every reader saw. */
  readonly snapshot: string | null;
}

/** A database as it may be shown: without secrets. */
export interface EndPoint {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly version: string;
}
