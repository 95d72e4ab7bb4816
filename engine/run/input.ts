import type { CompiledProject } from '../compile/project.js';
import type { Emit } from '../contract/events.js';
import type { Project } from '../contract/mapping.js';
import type { Plan } from '../contract/plan.js';
import type { EndPoint } from '../contract/result.js';
import type { KeyMap } from '../resolve/key-map.js';
import type { Keys } from './keys/key-condition.js';
import type { RunPorts } from './ports.js';
import type { Patience } from './sessions/retries.js';
import type { StopSignal } from './stop.js';

/** All that a run is made of. */
export interface RunInput {
  readonly project: Project;
  readonly compiled: CompiledProject;
  readonly plan: Plan;
  /** Every table that the readers touch, by source connection. */
  readonly tables: ReadonlyMap<string, readonly { readonly schema: string; readonly name: string }[]>;
  /** The run to go on with; null for a new one. */
  readonly resume: string | null;
  /** A replay: of each mapping that the plan loads, the source keys of the rows that it reads. Left out: all rows. */
  readonly replay?: ReadonlyMap<string, Keys>;
  readonly ports: RunPorts;
  readonly emit: Emit;
  readonly stop: StopSignal;
  readonly options: {
    readonly jobs: number | null;
    readonly failFast: boolean;
    /** Reads everything, whatever earlier runs have seen. */
    readonly fresh?: boolean;
    /** Everything is done in one transaction of the target, which is taken back. */
    readonly dryRun?: boolean;
    /** Only so many rows of each mapping are loaded, and the rows that these refer to. */
    readonly limit?: number | null;
    /** Tables that are replaced are emptied of rows that the project did not load, too; a run that goes on keeps what it began with. */
    readonly force?: boolean;
    /** A unit test's: of mappings that are referred to, what stands in place of the keys that the target has. */
    readonly given?: ReadonlyMap<string, KeyMap>;
    /** In place of KEY_MAP_BYTES. */
    readonly keyMapBytes?: number;
    /** In place of PATIENCE. */
    readonly patience?: Patience;
  };
  readonly provenance: {
    readonly crosswalk: string;
    readonly mappingsHash: string;
    readonly gitCommit: string | null;
    readonly operator: string;
    readonly source: EndPoint;
    readonly target: EndPoint;
  };
}
