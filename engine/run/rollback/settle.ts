import type { KeptRow, RolledBackMapping } from '../../contract/rollback.js';
import { quoteText } from '../../postgres/identifier.js';
import { pairsNamed } from '../keys/pairs.js';
import type { Undoing } from './find.js';
import { matches, type Undone } from './tables.js';
import type { Restored } from './write.js';

/** What the temporary tables say of each mapping. */
export async function outcomes({ session, mappings }: Undoing): Promise<readonly RolledBackMapping[]> {
  const found: RolledBackMapping[] = [];
  for (const { n, name, rows } of mappings) {
    const counts = await session.query(
      `select (select count(*) from pg_temp.etl_gone where m = $1 and keep is null),
         count(*) filter (where action in ('update', 'updated')), count(*) filter (where action = 'insert'),
         count(*) filter (where action = 'gone'),
         count(*) filter (where changed and action in ('update', 'updated', 'insert')) +
           (select count(*) from pg_temp.etl_gone where m = $1 and keep is null and changed)
       from pg_temp.etl_back where m = $1`,
      [n],
    );
    const [deleted, restored, reinserted, gone, forced] = (counts.rows[0] ?? []).map(Number);
    found.push({
      mapping: name,
      table: rows.table,
      deleted: deleted ?? 0,
      restored: restored ?? 0,
      reinserted: reinserted ?? 0,
      gone: gone ?? 0,
      forced: forced ?? 0,
      kept: await keptRows(session, n),
    });
  }
  return found;
}

async function keptRows(session: Undoing['session'], n: number): Promise<readonly KeptRow[]> {
  const { rows } = await session.query(
    `select handle, keep, by_run from pg_temp.etl_gone where m = $1 and keep is not null
     union select handle, 'changed', by_run from pg_temp.etl_back where m = $1 and action = 'keep' order by 1`,
    [n],
  );
  return rows.map(([key, keep, by]) =>
    keep === 'changed'
      ? { key: key ?? '', why: 'changed', by: by ?? null }
      : { key: key ?? '', why: 'referred', by: keep ?? null },
  );
}

/**
 * Brings the run's books to what is left of it: nothing of a mapping that is undone, of the others what was kept, so that they
 * can be tried again. Rows that were put back are written down as those of the run whose they were.
 */
export async function settle(
  undoing: Undoing,
  done: readonly RolledBackMapping[],
  restored: readonly Restored[],
): Promise<void> {
  const { session, schema, run, mappings } = undoing;
  for (const mapping of mappings) {
    const kept = done.find(({ mapping: name }) => name === mapping.name)?.kept ?? [];
    if (mapping.rows.found === 'key_map') await session.query(forgetPairsSql(undoing, mapping));
    await session.query(restorePairsSql(undoing, mapping));
    await session.query(kept.length === 0 ? forgetSql(undoing, mapping) : keepSql(undoing, mapping));
  }
  for (const { run: owner, mapping, xid, further } of restored) {
    if (owner === null || mapping === null) continue;
    await session.query(`insert into ${schema}.batches (run, mapping, xid, xids) values ($1, $2, $3, $4)`, [
      owner,
      mapping,
      xid,
      `{${further.join(',')}}`,
    ]);
  }
  await session.query(
    `update ${schema}.runs set status = 'rolled_back' where run = $1
       and not exists (select from ${schema}.batches where run = $1) and not exists (select from ${schema}.undo where run = $1)`,
    [run],
  );
}

const which = ({ run }: Undoing, { rows }: Undone): string =>
  `run = ${quoteText(run)} and mapping = ${quoteText(rows.mapping)}`;

/** Pairs of rows that are gone are no pairs any more. */
const forgetPairsSql = ({ schema, project, run }: Undoing, mapping: Undone): string =>
  `delete from ${schema}.key_map k where ${pairsNamed(project, mapping.rows.mapping)} and k.run = ${quoteText(run)}
     and (k.merged or not exists (select from ${mapping.from} t where ${matches(mapping, 'k.target_key')}))`;

const restorePairsSql = ({ schema, project }: Undoing, { n, rows }: Undone): string =>
  `insert into ${schema}.key_map (project, mapping, source_key, target_key, run)
     select ${quoteText(project)}, ${quoteText(rows.mapping)}, source_key, ${rows.handle.length === 0 ? "'[]'" : 'handle'}, pair_run from pg_temp.etl_back
     where m = ${String(n)} and action in ('insert', 'updated') and source_key is not null and pair_run is not null
   on conflict (project, mapping, source_key) do update set target_key = excluded.target_key, run = excluded.run`;

function forgetSql(undoing: Undoing, mapping: Undone): string {
  const { schema } = undoing;
  const of = which(undoing, mapping);
  return `delete from ${schema}.batches where ${of}; delete from ${schema}.undo where ${of};
    delete from ${schema}.second_pass where ${of}; delete from ${schema}.emptied where ${of};
    update ${schema}.steps set status = 'rolled_back', updated_at = now() where ${of}`;
}

/** Handles of rows that are gone are forgotten: later rows may have the same. */
function keepSql(undoing: Undoing, mapping: Undone): string {
  const { schema } = undoing;
  const of = which(undoing, mapping);
  const stays = `select handle from pg_temp.etl_gone where m = ${String(mapping.n)} and keep is not null
    union select handle from pg_temp.etl_back where m = ${String(mapping.n)} and action = 'keep'`;
  const created =
    mapping.rows.handle.length === 0
      ? ''
      : `update ${schema}.batches set ids = '{}', created = null where ${of};
         update ${schema}.batches b set created = (select json_agg(handle) from pg_temp.etl_gone
           where m = ${String(mapping.n)} and keep is not null)
         where b.ctid = (select min(o.ctid) from ${schema}.batches o where o.${of.replace(' and ', ' and o.')});`;
  return `${created} delete from ${schema}.undo where ${of} and handle not in (${stays});
    delete from ${schema}.second_pass where ${of} and target_key not in (${stays})`;
}
