import type { Session } from '../contract/session.js';
import type { RuleDefinition } from '../contract/rule.js';
import type { StepDefinition } from '../contract/step.js';

/** What a run is given from outside: connections, and the steps and rules that mappings may use. */
export interface RunPorts {
  /** Opens a session on a connection of the project, by its name. */
  readonly open: (connection: string) => Promise<Session>;
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly rules: ReadonlyMap<string, RuleDefinition>;
}
