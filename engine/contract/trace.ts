/** A line of a mapping. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/**
 * What `etl trace` found out about one record, and what `--json` prints: the keys may be relied on. Values are
 * PostgreSQL's texts; those of sensitive columns are `***`.
 */
export interface Trace {
  readonly mapping: string;
  readonly at: Place;
  /** As rejects show it: of several columns a JSON array. */
  readonly key: string;
  /** How the record was named. */
  readonly named_by: 'source key' | 'identity' | 'target key';
  readonly source: {
    readonly connection: string;
    /** The table, or `query`. */
    readonly from: string;
    readonly key: readonly string[];
    /** All columns of each row with the key; several where the source has several. */
    readonly rows: readonly Readonly<Record<string, string | null>>[];
  };
  /** What a run would do with it now. */
  readonly verdict: Verdict;
  /** Empty where the row is not made: it is skipped, or not there. */
  readonly columns: readonly TracedColumn[];
  readonly rules: readonly TracedRule[];
  readonly target: TracedTarget;
  /** What runs have noted of the key, the newest first. */
  readonly history: readonly HistoryEntry[];
  /** What the trace leaves open. */
  readonly notes: readonly string[];
}

export type Verdict =
  | {
      readonly kind: 'insert' | 'update' | 'unchanged' | 'fill';
      readonly warnings: readonly Refused[];
      /** Other rows of the source have the key, and give way to this one. */
      readonly doubles: number;
    }
  | ({ readonly kind: 'reject'; readonly chain: readonly Cause[]; readonly stops_run: boolean } & Refused)
  | { readonly kind: 'skip'; readonly rule: string; readonly at: Place }
  | { readonly kind: 'absent' };

/** Why a row is not loaded, or what is to be said of it. */
export interface Refused {
  readonly column: string | null;
  readonly rule: string;
  readonly sqlstate: string | null;
  readonly reason: string;
  readonly value: string | null;
  readonly at: Place;
}

/** A row that is missing, for the one before it in the chain. */
export interface Cause {
  readonly mapping: string;
  readonly key: string;
  readonly column: string | null;
  readonly rule: string;
  readonly reason: string | null;
  readonly at: Place | null;
}

export interface TracedColumn {
  readonly column: string;
  readonly type: string;
  readonly at: Place;
  readonly sensitive: boolean;
  /** What the value begins with: `kind`, `sql: price > 0`, `value`, `run: id`, …; and what stands there. */
  readonly origin: { readonly from: readonly string[]; readonly values: readonly (string | null)[] };
  readonly stages: readonly Stage[];
  /** What is written; null for null, and where `unknown` or `refused` says more. */
  readonly value: string | null;
  /** Why the value is not known before the row is loaded; null where it is. */
  readonly unknown: string | null;
  readonly refused: Refused | null;
}

/** What becomes of a value on its way, in the order of the way. */
export type Stage =
  | {
      readonly kind: 'step';
      readonly name: string;
      readonly argument: unknown;
      readonly value: string | null;
      readonly at: Place;
    }
  | {
      readonly kind: 'map' | 'lookup';
      /** Of a look-up with one. */
      readonly name: string | null;
      /** Whether the value has an entry; else `unmapped` or `missing` decides. */
      readonly entry: boolean;
      readonly value: string | null;
      readonly at: Place;
    }
  | {
      readonly kind: 'reference';
      readonly outcome: 'resolved' | 'second pass' | 'null' | 'missing' | 'defaulted';
      readonly asked: readonly AskedParent[];
      readonly value: string | null;
      readonly at: Place;
    }
  | { readonly kind: 'default'; readonly value: string | null; readonly at: Place };

/** A mapping that a reference asked for a row. */
export interface AskedParent {
  readonly mapping: string;
  /** The source column that was looked at; null for the key. */
  readonly by: string | null;
  readonly key: string;
  readonly found: boolean;
  /** The found row stands in the target, or a run makes it; or why there is none. */
  readonly state:
    'in the target' | 'new' | 'later' | 'rejected' | 'skipped' | 'not in the source' | 'not loaded';
  /** From the row that is not there to the first cause. */
  readonly chain: readonly Cause[];
}

export interface TracedRule {
  readonly rule: string;
  readonly severity: 'reject' | 'warn' | 'fail';
  /** `not asked`: the row was refused before. */
  readonly verdict: 'holds' | 'fails' | 'not asked';
  readonly reason: string | null;
  readonly at: Place;
}

export interface TracedTarget {
  readonly table: string;
  /** What finds the row: column and value. */
  readonly found_by: Readonly<Record<string, string | null>>;
  /** Null where the target has no such row. */
  readonly row: Readonly<Record<string, string | null>> | null;
  /** Columns that a run would change; of values that differ from run to run nothing is said. */
  readonly differences: readonly {
    readonly column: string;
    readonly now: string | null;
    readonly would_be: string | null;
  }[];
  /** The run that made the row, as far as the state knows. */
  readonly made_by: Writer | null;
  /** The run that wrote the row last: null where nobody of the project has, or that is not known any more. */
  readonly written_by: Writer | null;
  /** Other mappings that have a pair of this row. */
  readonly shared_with: readonly { readonly mapping: string; readonly key: string }[];
}

export interface Writer {
  readonly run: string;
  readonly mapping: string;
  /** From 1, among the batches of the mapping in the run. */
  readonly batch: number | null;
  readonly partition: number | null;
  readonly at: string | null;
  readonly operator: string | null;
}

export interface HistoryEntry {
  readonly run: string;
  readonly at: string;
  readonly status: string;
  readonly event: 'rejected' | 'warned' | 'skipped' | 'changed';
  /** Of a reject that nothing has made good yet. */
  readonly open: boolean;
  readonly column: string | null;
  readonly rule: string | null;
  readonly reason: string | null;
  readonly value: string | null;
  readonly at_line: Place | null;
}
