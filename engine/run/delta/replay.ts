import type { CompiledMapping } from '../../contract/compiled.js';
import type { Plan } from '../../contract/plan.js';
import { keysCondition, sourceKeyParts, type Keys } from '../keys/key-condition.js';

/** A percentage says nothing of rows that were all rejected before. */
const ALL = { unit: 'percent', percent: 100 } as const;

/** The mapping over the rows of some keys alone, where it is one that is replayed. */
export function ofReplay(
  compiled: CompiledMapping,
  replay: ReadonlyMap<string, Keys> | undefined,
): CompiledMapping {
  const keys = replay?.get(compiled.mapping.name);
  if (keys === undefined) return compiled;
  const { mapping, rowsSql } = compiled;
  const condition = keysCondition(sourceKeyParts(compiled), keys);
  const maxRejects = mapping.maxRejects.unit === 'rows' ? mapping.maxRejects : ALL;
  return {
    ...compiled,
    mapping: { ...mapping, maxRejects, stopAt: ALL },
    rowsSql: `select q.* from (${rowsSql}\n) q where ${condition}`,
  };
}

/** The plan of a run, for few rows: constraints stay, one reader a mapping. */
export const replayPlan = ({ steps }: Plan, replay: ReadonlyMap<string, Keys>): Plan => ({
  steps: steps.map((step) =>
    step.kind !== 'load'
      ? step
      : {
          ...step,
          estimatedRows: replay.get(step.mapping)?.length ?? 0,
          constraints: { mode: 'keep', drop: [], reason: 'a replay loads single rows', kept: [] },
          ranges: { count: 1, rows: null, reason: 'a replay loads single rows' },
        },
  ),
});
