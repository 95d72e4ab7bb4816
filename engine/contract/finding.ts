import type { ProblemCode } from './codes.js';
import type { Position } from './problem.js';

/** `error`: a run would fail, or reject more than is allowed; `warning`: rows or promises are at stake; `note`: good to know. */
export type FindingSeverity = 'error' | 'warning' | 'note';

/** Something that the preflight has seen in the files, on a connection, in a catalogue or in the rows. */
export interface Finding {
  readonly code: ProblemCode;
  readonly severity: FindingSeverity;
  /** What it is about, for grouping: `connection source`, `mapping tasks`. */
  readonly subject: string;
  /** One sentence, lower case, without a full stop. */
  readonly message: string;
  /** Null where no line of a file is to blame. */
  readonly at: Position | null;
  /** What to do next. */
  readonly help: string | null;
  /** The target column, or null where it is not about one. */
  readonly column: string | null;
  /** Rows at stake; null where it is not about rows. */
  readonly rows: RowsAtStake | null;
  /** At most 5 of these rows, masked where columns are sensitive. */
  readonly samples: readonly {
    readonly key: string;
    readonly reason: string;
    readonly value: string | null;
  }[];
}

export interface RowsAtStake {
  readonly count: number;
  /** The count is that of a sample, multiplied. */
  readonly estimated: boolean;
}

/** The verdict of the preflight. */
export type Grade = 'ready' | 'ready with exceptions' | 'not ready';

/** What the preflight knows of a connection: where each value came from, without secrets. */
export interface ConnectionSummary {
  readonly name: string;
  /** Null where it could not be opened. */
  readonly host: string | null;
  readonly port: number | null;
  readonly database: string | null;
  readonly user: string | null;
  /** `SOURCE_DATABASE_URL from the environment`, `--embedded`. */
  readonly origin: string;
  readonly version: string | null;
  /** `none`, or protocol and end of the certificate. */
  readonly tls: string | null;
}

/** Figures of one source column that the mapping reads. */
export interface ColumnStatistics {
  readonly column: string;
  readonly type: string;
  readonly nulls: number;
  readonly distinct: number;
  /** Null where the type has no order, there is no value, or the values are sensitive. */
  readonly min: string | null;
  readonly max: string | null;
  /** Characters of the shortest and longest text; null for other types. */
  readonly shortest: number | null;
  readonly longest: number | null;
}

/** What the preflight has seen of one mapping's rows. */
export interface MappingSummary {
  readonly mapping: string;
  readonly file: string;
  /** Rows of the source: counted, or the planner's estimate where a sample was read; null where none were read. */
  readonly rows: number | null;
  /** Rows that were read and made; null where none were. */
  readonly read: number | null;
  readonly sampled: boolean;
  /** Of the rows read: what a run would load, skip and reject. */
  readonly loadable: number;
  readonly skipped: number;
  readonly rejected: number;
  /** Why its rows were not made; null where they were. */
  readonly unexamined: string | null;
  readonly references: readonly {
    readonly column: string;
    readonly mapping: string;
    readonly resolved: number;
    readonly null: number;
    readonly defaulted: number;
    readonly missing: number;
  }[];
  /** Empty where nobody asked for them. */
  readonly columns: readonly ColumnStatistics[];
}

/** How long a run may take, and what that is guessed from. */
export interface DurationEstimate {
  readonly seconds: number;
  readonly basis: string;
}

/** What `etl check` comes to: the one model of its text, JSON and other formats. */
export interface CheckReport {
  readonly project: string;
  readonly grade: Grade;
  readonly connections: readonly ConnectionSummary[];
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly mappings: readonly MappingSummary[];
  /** Bytes of the source's tables and what the target may need for them; null where they are not known. */
  readonly disk: { readonly source: number; readonly target: number } | null;
  readonly duration: DurationEstimate | null;
}
