import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import { quoteText } from '../postgres/identifier.js';
import { xminsSql, type Brought } from './keys/brought.js';
import type { RunContext } from './context.js';
import type { Tally } from './rows/tally.js';
import { withdraw } from './late/withdraw.js';

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
  const since = `run = ${run} and mapping = ${mapping} and kind = 'updated' and id > ${brought.since}`;
  const ours = `${since} and was_xid in (${xminsSql(part)})`;
  // Rows that the run had brought, or changed before, and has changed again now.
  const { rows } = await target.query(
    `with again as (select distinct handle, exists (select from ${schema}.undo u where u.run = ${run} and u.mapping = ${mapping}
         and u.handle = n.handle and u.kind = 'updated' and u.was_xid not in (${xminsSql(part)})) changed
       from ${schema}.undo n where ${ours})
     select count(*) filter (where not changed), count(*) filter (where changed) from again`,
  );
  const [inserted, updated] = [brought.confirmed, Number(rows[0]?.[0] ?? 0)];
  const changed = brought.changed - Number(rows[0]?.[1] ?? 0);
  // Of a row that goes when the run is rolled back, how it was in between is of no use.
  await target.query(
    `begin; delete from ${schema}.undo where ${ours};
     select ${schema}.checkpoint(${run}, ${handle.epoch}, ${mapping}, 0, null, 0, ${String(inserted)},
       ${String(changed - updated)}, ${String(updated - inserted - changed)}, 0, 0, 0); commit`,
  );
  tally.confirm(inserted, changed - updated);
}
