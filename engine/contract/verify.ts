import type { ExitCode } from './errors.js';
import type { CheckResult, EndPoint } from './result.js';

/** What `etl verify` has found out about one mapping. */
export interface VerifiedMapping {
  readonly mapping: string;
  readonly file: string;
  readonly targetTable: string;
  /** `failed` where one of its checks did, `not_verified` where it could not be compared. */
  readonly status: 'passed' | 'warned' | 'failed' | 'not_verified';
  /** Why it could not be compared; null where it was. */
  readonly reason: string | null;
  readonly checks: readonly CheckResult[];
  /** Rows that the source gives now, and what becomes of them. */
  readonly read: number;
  readonly loaded: number;
  readonly skipped: number;
  readonly rejected: number;
  readonly since: SinceRun | null;
  readonly duration_ms: number;
}

/** How a mapping's source and files stand to the run that loaded it last; null where no run has. */
export interface SinceRun {
  readonly run: string;
  /** ISO 8601: when the run's snapshot was taken; null where that is not known. */
  readonly at: string | null;
  /** Rows that the run read; null for one that read only what changed. */
  readonly read: number | null;
  /** Rows whose `changed_at` is later than the snapshot; null where the mapping has none. */
  readonly changed: number | null;
  /** The mapping has been edited in a way that changes its rows. */
  readonly edited: boolean;
  /** One sentence each: what has moved on since. */
  readonly words: readonly string[];
}

/** What `etl verify` comes to. */
export interface VerifyResult {
  readonly project: string;
  readonly exitCode: ExitCode;
  readonly startedAt: Date;
  readonly duration_ms: number;
  readonly source: EndPoint;
  readonly target: EndPoint;
  readonly mappings: readonly VerifiedMapping[];
}
