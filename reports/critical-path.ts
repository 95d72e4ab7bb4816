import type { MappingResult, RunResult } from '../engine/contract/result.js';

/**
 * The mappings that the run's length hangs on, in their order: from the one that ended last back to what it had
 * waited for, which is whatever ended last of the mappings that it needs and of those of earlier phases.
 */
export function criticalPath(result: RunResult): readonly string[] {
  const ran = result.mappings.filter(({ status }) => status !== 'not_run');
  const path: MappingResult[] = [];
  let at = latest(ran);
  while (at !== null && !path.includes(at)) {
    path.unshift(at);
    at = latest(waitedFor(at, ran));
  }
  return path.map(({ mapping }) => mapping);
}

function waitedFor(mapping: MappingResult, ran: readonly MappingResult[]): readonly MappingResult[] {
  const phases = [...new Set(ran.map(({ phase }) => phase))];
  const own = phases.indexOf(mapping.phase);
  return ran.filter(
    (other) =>
      other.startedAfterMs <= mapping.startedAfterMs &&
      (mapping.needs.includes(other.mapping) || phases.indexOf(other.phase) < own),
  );
}

const endOf = ({ startedAfterMs, duration_ms }: MappingResult): number => startedAfterMs + duration_ms;

function latest(mappings: readonly MappingResult[]): MappingResult | null {
  return mappings.reduce<MappingResult | null>(
    (last, each) => (last === null || endOf(each) > endOf(last) ? each : last),
    null,
  );
}
