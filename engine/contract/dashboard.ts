import type { Spent } from './spent.js';

/**
 * What the dashboard's server answers and its page reads, as JSON; all routes take GET only. Times are ISO 8601 in UTC, durations
 * seconds, sizes bytes. Null: unknown, or there is none. Values of sensitive columns are masked before they get here.
 */

/** `GET /api/project`: what does not change while the server runs. */
export interface DashboardProject {
  readonly version: 1;
  readonly project: string;
  /** The product's own version. */
  readonly crosswalk: string;
  /** Both ends without secrets, by connection name. */
  readonly connections: readonly {
    readonly name: string;
    readonly side: 'source' | 'target';
    readonly url: string;
  }[];
  /** Of the files as they are now; empty where they do not load, and `problem` says why. */
  readonly mappings: readonly {
    readonly name: string;
    readonly file: string;
    readonly description: string;
    readonly phase: string | null;
    readonly tags: readonly string[];
    readonly table: string;
  }[];
  readonly problem: string | null;
}

export interface DashboardCounts {
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly rejected: number;
}

/** `GET /api/runs?before=RUN&limit=N`: newest first; `next` is what `before` has to be for the page behind. */
export interface DashboardRuns {
  readonly runs: readonly DashboardRunLine[];
  readonly next: string | null;
}

export interface DashboardRunLine extends DashboardCounts {
  readonly run: string;
  readonly kind: string;
  /** As in state; `cut_off` where it says running and nobody works on it. */
  readonly status: string;
  readonly operator: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly exit_code: number | null;
  readonly resumes: number;
  /** GO, GO WITH EXCEPTIONS or NO-GO, of a run that ended. */
  readonly verdict: string | null;
}

/** Seconds that a mapping, or a run, has spent in each place since it began; together they are its time. */
export type DashboardSpent = Spent;

/** `GET /api/runs/RUN`, and the data of the event `run` of `GET /api/events?run=RUN` (RUN may be `last`). */
export interface DashboardRun {
  /** The server's clock. */
  readonly at: string;
  readonly run: DashboardRunLine;
  /** A process holds the project's lock and works on this run. */
  readonly alive: boolean;
  /** The machine that it works from. */
  readonly client: string | null;
  readonly rows_per_second: number | null;
  readonly seconds_left: number | null;
  /** What the time left rests on, a sentence. */
  readonly seconds_left_from: string | null;
  readonly mappings: readonly DashboardStep[];
  /** Of a run that has ended: why its verdict is not GO, sentences, the gravest first. */
  readonly reasons: readonly string[];
  /** Names of mappings: the chain that decides when the run ends, by what is known now; of one that has ended, that decided it. */
  readonly critical_path: readonly string[];
  readonly spent: DashboardSpent | null;
  /** Where the time goes and what would help, a sentence. */
  readonly bottleneck: string | null;
  readonly memory: number | null;
  readonly retries: number;
  readonly constraints_dropped: readonly {
    readonly table: string;
    readonly run: string;
    readonly objects: readonly string[];
  }[];
  readonly second_passes: readonly {
    readonly mapping: string;
    readonly column: string;
    readonly rows: number;
  }[];
  /** The command that goes on with it, where it is to be gone on with. */
  readonly unfinished: string | null;
  /** Reports that can be had: `html`, `json`, `markdown`, `junit`; none while it runs. */
  readonly reports: readonly string[];
}

export interface DashboardStep extends DashboardCounts {
  readonly mapping: string;
  readonly phase: string | null;
  /** `waiting`, `running`, `succeeded`, `failed`, `interrupted`, `not_run`, `cut_off`, `rolled_back`. */
  readonly status: string;
  /** What it does beside reading rows: `second pass`, `checks`, …; null where that is not known. */
  readonly stage: string | null;
  /** Mappings that it waits for. */
  readonly waits_for: readonly string[];
  readonly started_at: string | null;
  readonly updated_at: string | null;
  /** Of a step that has ended. */
  readonly seconds: number | null;
  readonly expected_rows: number | null;
  readonly expected_from: 'earlier run' | 'estimate' | null;
  readonly rows_per_second: number | null;
  readonly seconds_left: number | null;
  readonly spent: DashboardSpent | null;
}

/** `GET /api/runs/RUN/graph`: drawn once for a run, coloured by the page. */
export interface DashboardGraph {
  /** An SVG without script; each mapping is a `<g data-mapping="NAME">`, each table that none loads `<g data-outside="NAME">`. */
  readonly svg: string;
}

/** `GET /api/runs/RUN/mappings/MAPPING`. */
export interface DashboardMapping {
  readonly step: DashboardStep;
  readonly file: string;
  readonly description: string;
  readonly source: string;
  readonly table: string;
  /** Of a run that has ended; the counts of a step that has not are in `step`. */
  readonly unexplained: number | null;
  readonly references: readonly {
    readonly column: string;
    readonly mapping: string;
    readonly resolved: number;
    readonly null: number;
    readonly defaulted: number;
    readonly missing: number;
  }[];
  readonly checks: readonly {
    readonly check: string;
    readonly status: string;
    readonly source: string;
    readonly target: string;
    readonly note: string | null;
  }[];
  /** What was chosen for it and why: constraints, ranges, key maps, batch size. */
  readonly settings: readonly {
    readonly name: string;
    readonly value: string;
    readonly why: string | null;
  }[];
  readonly ranges: readonly (DashboardCounts & {
    readonly partition: number;
    readonly status: string;
    readonly last_key: string | null;
    readonly batches: number;
    readonly bytes: number;
    readonly backend_pid: number | null;
    readonly updated_at: string | null;
  })[];
  /** At most 500, in order of time, over all ranges together. */
  readonly samples: readonly DashboardSample[];
  readonly spent: DashboardSpent | null;
  readonly bottleneck: string | null;
  readonly retries: number;
  /** Warnings, skipped rows and open rejects are counted, too. */
  readonly warnings: number;
  /** The file as it is now. `changed`: not as the run had it. */
  readonly yaml: { readonly text: string; readonly changed: boolean } | null;
  /** Lines of the file that decided about rows. */
  readonly lines: readonly {
    readonly line: number;
    readonly kind: 'reject' | 'warning' | 'skipped';
    readonly rows: number;
    readonly rules: readonly string[];
  }[];
}

export interface DashboardSample {
  readonly at: string;
  /** Rows read by then. */
  readonly read: number;
  /** Rows inserted and updated by then. */
  readonly written: number;
  readonly rejected: number;
  /** Bytes sent to the target by then. */
  readonly bytes: number;
  /** Of the process. */
  readonly memory: number;
}

/** `GET /api/runs/RUN/batches?mapping=M&after=N&limit=N`. */
export interface DashboardBatches {
  readonly batches: readonly {
    readonly at: string;
    readonly partition: number;
    readonly transaction: string;
    /** New rows in it; what it has updated is not told apart. */
    readonly rows: number | null;
  }[];
  readonly next: string | null;
}

/**
 * `GET /api/runs/RUN/rejects?kind=&mapping=&column=&rule=&key=&text=&after=&limit=`. `kind` is `reject` (default), `warning`, `skipped` or
 * `open` (of all runs). `key` is a source key as it is shown, `text` a part of reason or value. `after` is `next` of the page before.
 */
export interface DashboardRejects {
  readonly rejects: readonly DashboardReject[];
  /** All that the filter lets through. */
  readonly total: number;
  readonly next: string | null;
  /** Of all that the filter lets through, most first, at most 100. */
  readonly groups: readonly {
    readonly mapping: string;
    readonly column: string | null;
    readonly rule: string;
    readonly sqlstate: string | null;
    readonly rows: number;
    readonly file: string | null;
    readonly line: number | null;
  }[];
}

export interface DashboardReject {
  readonly kind: 'reject' | 'warning' | 'skipped';
  /** The run that has said it: another one than was asked for where `kind=open` is asked for. */
  readonly run: string;
  readonly mapping: string;
  /** Null: the row has none, so that nothing more can be asked of it. */
  readonly key: string | null;
  readonly column: string | null;
  readonly rule: string;
  readonly sqlstate: string | null;
  readonly reason: string;
  readonly value: string | null;
  readonly file: string | null;
  readonly line: number | null;
}

/** `GET /api/runs/RUN/row?mapping=M&key=K`: one source row and all that was said of it. */
export interface DashboardRow {
  readonly mapping: string;
  readonly key: string;
  /** The source row, by field, as text; empty where it was not kept. */
  readonly row: readonly { readonly field: string; readonly value: string | null }[];
  /** What this run has said of it: rejects, warnings, skipped. */
  readonly rejects: readonly DashboardReject[];
  /** Frame of the mapping's file around the deciding line. */
  readonly excerpt: {
    readonly file: string;
    readonly first: number;
    readonly line: number;
    readonly text: readonly string[];
  } | null;
  /** From this row to the first cause: rejected rows that it refers to. */
  readonly chain: readonly DashboardReject[];
  /** Rows that were rejected because of this one, at most 100, and how many there are. */
  readonly dependants: readonly DashboardReject[];
  readonly dependant_count: number;
  /** In other runs: what became of it. */
  readonly history: readonly { readonly run: string; readonly rule: string; readonly reason: string }[];
  /** What to do about it, a sentence. */
  readonly advice: string | null;
}

/** `GET /api/audit?before=ID&limit=N`, newest first. */
export interface DashboardAudit {
  readonly entries: readonly {
    readonly id: number;
    readonly at: string;
    readonly run: string | null;
    readonly operator: string;
    readonly database_user: string;
    readonly event: string;
    readonly details: Readonly<Record<string, unknown>>;
  }[];
  readonly next: string | null;
  readonly chain: { readonly holds: boolean; readonly reason: string | null; readonly entries: number };
}

/** `GET /api/compare?a=RUN&b=RUN`. */
export interface DashboardComparison {
  readonly a: DashboardRunLine;
  readonly b: DashboardRunLine;
  readonly mappings: readonly {
    readonly mapping: string;
    /** Null where the run did not have it. */
    readonly a: (DashboardCounts & { readonly status: string; readonly seconds: number | null }) | null;
    readonly b: (DashboardCounts & { readonly status: string; readonly seconds: number | null }) | null;
    /** The mapping's hash is another one. */
    readonly edited: boolean;
    readonly checks: readonly {
      readonly check: string;
      readonly a: string | null;
      readonly b: string | null;
    }[];
  }[];
  /** Groups of rejects whose number differs. */
  readonly rejects: readonly {
    readonly mapping: string;
    readonly column: string | null;
    readonly rule: string;
    readonly a: number;
    readonly b: number;
  }[];
}

/**
 * `GET /api/events?run=RUN|last`: server-sent events. `run` carries a `DashboardRun`, at once and whenever something has changed,
 * at most once a second; `runs` `{}` says that the list of runs has changed; `lost` `{ reason }` that the state cannot be read now (or
 * that there is no such run yet), with the connection kept and tried again: the next `run` or `runs` says that it is there again.
 */
export type DashboardEvent = 'run' | 'runs' | 'lost';

/** The body of every answer with a status from 400. */
export interface DashboardProblem {
  readonly error: string;
  /** What to do. */
  readonly help: string | null;
}
