import type { RunResult } from '../engine/contract/result.js';
import { criticalPath } from '../engine/graph/critical-path.js';

/** Names of the mappings that the run's length hung on, in their order. */
export function pathTaken(result: RunResult): readonly string[] {
  const ran = result.mappings.filter(({ status }) => status !== 'not_run');
  const phases = [...new Set(ran.map(({ phase }) => phase))];
  return criticalPath(
    ran.map(({ mapping, phase, needs, startedAfterMs, duration_ms }) => ({
      ...{ name: mapping, rank: phases.indexOf(phase), needs },
      ...{ began: startedAfterMs, ended: startedAfterMs + duration_ms },
    })),
  );
}
