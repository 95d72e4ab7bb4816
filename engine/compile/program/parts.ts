import type { CompiledMapping } from '../../contract/compiled.js';
import type { StepDefinition } from '../../contract/step.js';
import type { BatchedKeyMap } from '../../resolve/batched-key-map.js';
import type { KeyMap } from '../../resolve/key-map.js';
import type { RejectedKeys } from '../../resolve/rejected-keys.js';
import type { ValueMap } from '../../resolve/value-map.js';
import type { Observer } from './observer.js';
import type { RunFacts } from './origin.js';
import type { Output } from './output.js';
import type { Refusal } from './refusal.js';
import type { OutcomeSlot } from './slots.js';
import type { Row } from './row.js';

/** Writes one column of a row, or says why the row cannot be loaded. */
export type ColumnWriter = (row: Row, out: Output) => Refusal | null;

/** A key that a row names and that is asked for before the row is made. */
export interface WantedKey {
  readonly map: BatchedKeyMap;
  /** The canonical key, or null where the row names none. */
  readonly key: (row: Row) => string | null;
}

/** What the program of one mapping is built from. */
export interface ProgramParts {
  readonly compiled: CompiledMapping;
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly facts: RunFacts;
  /** The table of each `lookup` column, by target column. */
  readonly lookups: ReadonlyMap<string, ValueMap>;
  /** The key maps of each `references` column, one for each parent, by target column. */
  readonly keyMaps: ReadonlyMap<string, readonly KeyMap[]>;
  /** Rows that this run has rejected, by mapping. */
  readonly rejected: ReadonlyMap<string, RejectedKeys>;
  /** Column and mapping of each outcome: see {@link outcomeSlots}. */
  readonly slots: readonly OutcomeSlot[];
  /** The last row's outcome of each slot. */
  readonly outcomes: Uint8Array;
  /** The last row's references that a second pass must complete: column → see {@link waitingKey}. */
  readonly pending: Map<string, string>;
  /** Takes the references whose keys are not in memory. */
  readonly wanted: WantedKey[];
  /** Columns whose value somebody asks for: rules, and the handle. */
  readonly valued: ReadonlySet<number>;
  /** What the row at hand is found by, where that is known before this column is made; null where it is not. */
  readonly ownHandle: (column: number) => ((row: Row) => string | null) | null;
  /** Null in a run. */
  readonly observer: Observer | null;
  /** The last row's made values, by column index, for the rules; only of columns made by value. */
  readonly values: (string | null)[];
}
