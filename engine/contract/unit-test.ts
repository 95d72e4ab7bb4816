import type { Located, Position } from './problem.js';
import type { Scalar } from './value.js';

/** A value of a test as the user wrote it. */
export interface TestValue {
  /** A scalar's text, as PostgreSQL reads it; null for null, and for a list or a map. */
  readonly text: string | null;
  /** The items of a list; null for all else. */
  readonly items: readonly TestValue[] | null;
  /** The entries of a map; null for all else. */
  readonly entries: ReadonlyMap<string, TestValue> | null;
  /** The whole value as JSON, numbers with all their digits. */
  readonly json: string;
  readonly at: Position;
}

/** A row by its columns' names, in the order of the file. */
export interface TestRow {
  readonly cells: readonly { readonly column: Located<string>; readonly value: TestValue }[];
  readonly at: Position;
}

/** A reject, a warning or a skipped row that a test expects; what is null is not compared. */
export interface ExpectedFate {
  /** The source key as it is shown: its text, or a JSON array of several texts. */
  readonly key: string | null;
  readonly column: Located<string> | null;
  readonly rule: string | null;
  /** A part of the reason. */
  readonly reason: string | null;
  readonly at: Position;
}

/** Pairs of a table of values. */
export type TestTable = readonly { readonly key: Scalar; readonly value: Scalar }[];

/** One unit test of a mapping; lists that it leaves out are null. */
export interface UnitTest {
  readonly name: Located<string>;
  readonly mapping: string;
  readonly given: {
    readonly rows: readonly TestRow[];
    /** Mapping → its source keys → what references to them give. */
    readonly references: readonly { readonly name: Located<string>; readonly table: TestTable }[];
    readonly lookups: readonly { readonly name: Located<string>; readonly table: TestTable }[];
  };
  readonly expect: {
    readonly rows: readonly TestRow[] | null;
    /** Null where none is expected. */
    readonly rejects: readonly ExpectedFate[] | null;
    readonly warnings: readonly ExpectedFate[] | null;
    readonly skipped: readonly ExpectedFate[] | null;
    /** A part of the message with which the mapping stops; null where it comes to its end. */
    readonly fails: string | null;
  };
}

/** The tests of one file. */
export interface UnitTestFile {
  /** As positions carry it. */
  readonly file: string;
  readonly mapping: string;
  readonly tests: readonly UnitTest[];
}

/** One thing that is not as a test expects. */
export interface Difference {
  readonly about: 'rows' | 'rejects' | 'warnings' | 'skipped' | 'run';
  readonly kind: 'missing' | 'unexpected' | 'differs';
  /** The row in words: `legacy_task_id 2`, `key 2, column status, rule map`. */
  readonly what: string;
  /** The line of the test that expects it; of what nobody expects, the test's. */
  readonly at: Position;
  /** Of a row that differs: the columns that do, with the texts of both sides; null for null. */
  readonly columns: readonly {
    readonly column: string;
    readonly expected: string | null;
    readonly found: string | null;
    readonly at: Position;
  }[];
  /** One sentence where there is more to say. */
  readonly note: string | null;
}

export interface UnitTestResult {
  readonly mapping: string;
  readonly name: string;
  readonly at: Position;
  readonly passed: boolean;
  readonly differences: readonly Difference[];
  readonly duration_ms: number;
}

/** What `etl test` came to. */
export interface UnitTestReport {
  readonly tests: readonly UnitTestResult[];
  /** Selected mappings without a test. */
  readonly untested: readonly string[];
  readonly duration_ms: number;
}
