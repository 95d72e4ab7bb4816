import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import { quoteText } from '../postgres/identifier.js';
import { xminsSql, type Brought } from './brought.js';
import type { RunContext } from './context.js';
import type { Tally } from './tally.js';
import { withdraw } from './withdraw.js';

/**
 * Ends the load of a mapping in a run that is gone on with: what an earlier part of the run has brought and the
 * source does not give any more goes, and what it gives still counts as inserted, not as unchanged or updated.
 */
export async function settleBrought(
  context: RunContext,
  compiled: CompiledMapping,
  brought: Brought,
  { target, tally }: { readonly target: Session; readonly tally: Tally },
): Promise<void> {
  const { schema, handle } = context;
  const left = brought.left();
  if (left.size > 0) {
    await withdraw(context, compiled, [...left.keys()], target);
    const own = context.keyMaps.get(compiled.mapping.name);
    for (const key of left.values()) own?.delete(key);
  }
  const part = { schema, run: handle.run, compiled };
  const [run, mapping] = [quoteText(handle.run), quoteText(compiled.mapping.name)];
  const ours = `run = ${run} and mapping = ${mapping} and id > ${brought.since} and was_xid in (${xminsSql(part)})`;
  const { rows } = await target.query(`select count(distinct handle) from ${schema}.undo where ${ours}`);
  const [all, updated] = [brought.confirmed, Number(rows[0]?.[0] ?? 0)];
  // Such a row is deleted when the run is rolled back: how it was in between is of no use.
  await target.query(
    `begin; delete from ${schema}.undo where ${ours};
     select ${schema}.checkpoint(${run}, ${handle.epoch}, ${mapping}, 0, null, 0, ${String(all)}, ${String(-updated)},
       ${String(updated - all)}, 0, 0, 0); commit`,
  );
  tally.confirm(all, updated);
}
