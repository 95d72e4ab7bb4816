/**
 * Where the time of a mapping goes; each moment of its steps is in one place:
 * - `source`: waiting for the source's bytes
 * - `program`: reading and making rows
 * - `resolution`: finding out what is there before the rows, and fetching keys that are not in memory
 * - `target`: waiting for the target, with nothing else to do meanwhile
 * - `constraints`: dropping and building constraints and indexes, and waiting for one's turn
 * - `after`: second passes, late rejects, counts, checks
 * - `other`: pauses before a retry, connecting, hooks
 */
export const PLACES = ['source', 'program', 'resolution', 'target', 'constraints', 'after', 'other'] as const;

export type Place = (typeof PLACES)[number];

/** Seconds. */
export type Spent = Readonly<Record<Place, number>>;

export const NO_TIME: Spent = {
  source: 0,
  program: 0,
  resolution: 0,
  target: 0,
  constraints: 0,
  after: 0,
  other: 0,
};

/** Seconds of each place made from those of some. */
export const spentBy = (of: (place: Place) => number): Spent => {
  const spent: Record<Place, number> = { ...NO_TIME };
  for (const place of PLACES) spent[place] = of(place);
  return spent;
};

export const totalSpent = (spent: Spent): number => PLACES.reduce((sum, place) => sum + spent[place], 0);

/** The times of some mappings together; they may have been side by side. */
export const sumSpent = (all: readonly Spent[]): Spent =>
  spentBy((place) => all.reduce((sum, spent) => sum + spent[place], 0));

/** What is written down of a mapping's range with a batch. */
export interface Measured {
  readonly spent: Spent;
  /** Times that something was tried again. */
  readonly retries: number;
  /** Resident bytes of the process. */
  readonly memory: number;
  /** A sample is due. */
  readonly sample: boolean;
  /** Every other sample is to go before. */
  readonly thin: boolean;
}

/** What was chosen for a mapping's load, and why, as the run had it. */
export interface StepSettings {
  /** The source planner's estimate. */
  readonly estimated_rows: number;
  readonly batch_rows: number;
  readonly constraints: {
    readonly mode: 'keep' | 'rebuild';
    /** Names of what is dropped before the rows and built again behind them. */
    readonly dropped: readonly string[];
    /** Names of the indexes, unique and foreign keys that are there while rows are loaded. */
    readonly kept: readonly string[];
    readonly reason: string | null;
    /** What `target.constraints` says. */
    readonly asked: 'auto' | 'keep' | 'rebuild';
  };
  readonly ranges: { readonly count: number; readonly reason: string };
  readonly keys: readonly {
    readonly column: string;
    readonly mapping: string;
    readonly kind: 'integer' | 'words' | 'text' | 'batched';
    readonly reason: string;
  }[];
  readonly existing: string;
  readonly reading: string;
}
