import type { LimitFunction } from 'p-limit';
import type { CompiledMapping } from '../contract/compiled.js';
import type { Emit } from '../contract/events.js';
import type { Project } from '../contract/mapping.js';
import type { RunMarks } from '../contract/watermark.js';
import type { KeyMap } from '../resolve/key-map.js';
import type { RejectedKeys } from '../resolve/rejected-keys.js';
import type { RunHandle } from '../state/store.js';
import type { Meter } from './meter.js';
import type { RunPorts } from './ports.js';
import type { Retries } from './sessions/retries.js';
import type { Sample } from './sample/sample-mapping.js';
import type { StopSignal } from './stop.js';

/** Works on tables whose triggers are disabled. */
export interface WithoutTriggers {
  /** Does a work on a mapping's table, without the table's triggers where the mapping says so. */
  without<T>(context: RunContext, compiled: CompiledMapping, work: () => Promise<T>): Promise<T>;
}

/** What the steps of one run share. */
export interface RunContext {
  readonly project: Project;
  readonly compiled: ReadonlyMap<string, CompiledMapping>;
  readonly ports: Pick<RunPorts, 'steps' | 'rules'>;
  /** Opens a connection of the target, tried once; in a dry run a session in its one transaction. */
  readonly once: RunPorts['open'];
  /** The same to read a source with: also where `target` names it, never in a dry run's transaction. */
  readonly onceSource: RunPorts['open'];
  readonly retriesOf: (mapping: string) => Retries;
  /** What is measured of a mapping. */
  readonly meterOf: (mapping: string) => Meter;
  /** Key ranges of one mapping that are loaded at the same time. */
  readonly ranges: number;
  /** Everything is taken back at the end: nothing may be done that a rollback leaves. */
  readonly dryRun: boolean;
  readonly handle: RunHandle;
  /** The state schema, quoted. */
  readonly schema: string;
  /** The exported snapshot of each source connection. */
  readonly snapshots: ReadonlyMap<string, string>;
  /** Of a run with a limit the rows of each mapping that it loads, which are all that it reads; else null. */
  readonly sample: ReadonlyMap<string, Sample> | null;
  /** Of each mapping: see {@link RunMarks}. */
  readonly hashes: RunMarks['hashes'];
  /** Reads everything, whatever earlier runs have seen. */
  readonly fresh: boolean;
  /** Tables that are replaced are emptied of rows that the project did not load, too. */
  readonly force: boolean;
  /** The target is only looked at, key pairs of vanished rows included: the sessions write nothing but temporary tables. */
  readonly readsOnly: boolean;
  /** Every row that a mapping speaks of is read, not only those of a replay or a sample: what the source lacks is gone. */
  readonly whole: boolean;
  /** Keys of loaded rows, by mapping. */
  readonly keyMaps: Map<string, KeyMap>;
  /** Keys that a unit test gives, by mapping: they go before those of the target; of the run's own mappings, behind them. */
  readonly given: ReadonlyMap<string, KeyMap>;
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
  /** Tables whose triggers are disabled. */
  readonly triggers: WithoutTriggers;
  /** One at a time: statements that lock two tables of the target. */
  readonly ddl: LimitFunction;
  readonly stop: StopSignal;
  readonly emit: Emit;
}
