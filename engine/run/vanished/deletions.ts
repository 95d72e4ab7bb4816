import { EXIT, EtlError } from '../../contract/errors.js';
import { counted } from '../../contract/counted.js';
import type { RunContext } from '../context.js';
import { settleVanished } from './vanished.js';
import type { MappingState } from '../results.js';

/**
 * Looks for rows of the target whose source row is gone, and deletes them where the mapping says so: those that
 * refer before those that they refer to. Only of mappings that were read whole, or that say what they want.
 * @param states in the order in which the mappings were loaded
 */
export async function settleDeletions(context: RunContext, states: readonly MappingState[]): Promise<void> {
  for (const state of [...states].reverse()) {
    const { compiled } = state;
    const isWanted = state.readFrom === null || compiled.mapping.deletedRows !== null;
    if (state.status !== 'succeeded' || context.stop.requested) continue;
    if (compiled.keyless || compiled.handle.length === 0 || !isWanted) continue;
    try {
      await context.meterOf(compiled.mapping.name).watch.during('after', () => settleOne(context, state));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const exitCode = error instanceof EtlError ? error.exitCode : EXIT.internal;
      state.fail(`rows whose source row is gone: ${why}`, exitCode);
    }
  }
}

async function settleOne(context: RunContext, state: MappingState): Promise<void> {
  const { compiled, unmatched } = state;
  const { deletedRows, name } = compiled.mapping;
  // So many rejects may be a source that is not what it should be: nothing is deleted for its sake.
  const remove = deletedRows === 'delete' && state.overThreshold() === null;
  if (unmatched !== null && (unmatched.count === 0 || !remove)) {
    state.deleted = { found: unmatched.count, deleted: 0, kept: 0, samples: unmatched.samples };
    return;
  }
  context.emit({ type: 'stage', mapping: name, stage: 'deleted rows' });
  const settle = (): ReturnType<typeof settleVanished> => settleVanished(context, compiled, remove);
  state.deleted = await (remove ? context.triggers.without(context, compiled, settle) : settle());
  const { deleted } = state.deleted;
  if (deleted > 0) {
    const message = `${name}: ${counted(deleted, 'row')} deleted whose source row is gone`;
    context.emit({ type: 'notice', level: 'info', message });
  }
  if (state.before !== null) state.before -= deleted;
}
