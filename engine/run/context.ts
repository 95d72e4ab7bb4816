import type { LimitFunction } from 'p-limit';
import type { CompiledMapping } from '../contract/compiled.js';
import type { Emit } from '../contract/events.js';
import type { Project } from '../contract/mapping.js';
import type { RunMarks } from '../contract/watermark.js';
import type { KeyMap } from '../resolve/key-map.js';
import type { RejectedKeys } from '../resolve/rejected-keys.js';
import type { RunHandle } from '../state/store.js';
import type { RunPorts } from './ports.js';
import type { Retries } from './retries.js';
import type { StopSignal } from './stop.js';

/** What the steps of one run share. */
export interface RunContext {
  readonly project: Project;
  readonly compiled: ReadonlyMap<string, CompiledMapping>;
  /** Opening is tried again where what keeps a connection from coming about may pass. */
  readonly ports: RunPorts;
  /** Opens a connection, tried once. */
  readonly once: RunPorts['open'];
  readonly retriesOf: (mapping: string) => Retries;
  readonly handle: RunHandle;
  /** The state schema, quoted. */
  readonly schema: string;
  /** The exported snapshot of each source connection. */
  readonly snapshots: ReadonlyMap<string, string>;
  /** Of each mapping: see {@link RunMarks}. */
  readonly hashes: RunMarks['hashes'];
  /** Reads everything, whatever earlier runs have seen. */
  readonly fresh: boolean;
  /** Tables that are replaced are emptied of rows that the project did not load, too. */
  readonly force: boolean;
  /** Every row that a mapping speaks of is read, not only those of a replay: what the source lacks is gone. */
  readonly whole: boolean;
  /** Keys of loaded rows, by mapping. */
  readonly keyMaps: Map<string, KeyMap>;
  /** Keys of rows that the run has rejected, by mapping; only of those that others refer to. */
  readonly rejected: Map<string, RejectedKeys>;
  /** Bytes that a mapping's keys may take in memory, where they are no dense numbers. */
  readonly keyMapBytes: number;
  /** References to it are `by` another column, or yield one. */
  readonly isChained: (mapping: string) => boolean;
  readonly isReferenced: (mapping: string) => boolean;
  /** Mappings that the run loads. */
  readonly planned: ReadonlySet<string>;
  /** Mappings whose load this process has begun. */
  readonly begun: Set<string>;
  /** One at a time: statements that lock two tables of the target. */
  readonly ddl: LimitFunction;
  readonly stop: StopSignal;
  readonly emit: Emit;
}
