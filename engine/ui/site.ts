import type { ProjectGraph } from '../contract/graph.js';
import type { Project } from '../contract/mapping.js';
import type { Session } from '../contract/session.js';

/** The project's files as they are at the moment. */
export interface SiteFiles {
  /** Null where they do not load; `problem` says why. */
  readonly project: Project | null;
  /** By the path that positions carry. */
  readonly texts: ReadonlyMap<string, string>;
  readonly problem: string | null;
  /** Over all files, as `runs.mappings_hash`. */
  readonly hash: string;
}

/** The target, as long as it is held. */
export interface Target {
  /** Opens one more session. */
  readonly session: () => Promise<Session>;
  /** Other commands wait as long as it is held: the embedded server was started for it. */
  readonly exclusive: boolean;
  readonly close: () => Promise<void>;
}

/** What the dashboard is given of the world outside. */
export interface Site {
  /** As it was when the server started. */
  readonly project: Project;
  /** The folder as it was named, for commands that are shown. */
  readonly folder: string;
  readonly embedded: boolean;
  readonly version: string;
  /** Both ends without secrets. */
  readonly connections: readonly {
    readonly name: string;
    readonly side: 'source' | 'target';
    readonly url: string;
  }[];
  /** Null where nothing was built yet. */
  readonly open: () => Promise<Target | null>;
  /** Whether somebody may be changing the state now; of an embedded server that nobody runs: nobody. */
  readonly mayChange: () => Promise<boolean>;
  /** Reads the folder again where that was not done in the last moments. */
  readonly files: () => Promise<SiteFiles>;
  readonly graphOf: (project: Project) => Promise<ProjectGraph>;
}
