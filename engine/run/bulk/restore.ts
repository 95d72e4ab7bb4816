import pLimit from 'p-limit';
import type { Session } from '../../contract/session.js';
import { counted } from '../../contract/counted.js';
import { quoteName } from '../../postgres/identifier.js';
import { auditSql } from '../../state/audit.js';
import { readDeferred, type Left } from '../../state/deferred.js';
import { releaseLock, tryLock } from '../../state/store.js';
import { holdLate, takeAway } from '../late/late-rows.js';
import { putBack, type Failed, type PutBackInputs } from './put-back.js';

/**
 * Brings back what a dead run of the project has left dropped; a live one still holds the project's lock and is
 * left alone. The project's rows that have come in the way are deleted: its next run reads them again.
 * @param session on the target, without a transaction
 * @returns what was done, one line a table
 * @throws EtlError exit 5 where rows that are not the project's are in the way: nothing of them is touched
 */
export async function restoreDeferred(
  session: Session,
  stateSchema: string,
  project: string,
): Promise<readonly string[]> {
  if ((await readDeferred(session, stateSchema, project)).length === 0) return [];
  if (!(await tryLock(session, stateSchema, project))) return [];
  const lines: string[] = [];
  try {
    // Read anew: whoever held the lock until now may have brought back some himself.
    for (const left of await readDeferred(session, stateSchema, project)) {
      lines.push(await restoreTable(session, quoteName(stateSchema), left));
    }
  } finally {
    await releaseLock(session, stateSchema, project);
  }
  return lines;
}

async function restoreTable(
  session: Session,
  schema: string,
  { rows, run, deferred }: Left,
): Promise<string> {
  const names = deferred.map(({ object }) => object).join(', ');
  const there = await session.query('select to_regclass($1)', [rows.table]);
  if (there.rows[0]?.[0] === null) {
    await session.query(`delete from ${schema}.deferred where project = $1 and table_name = $2`, [
      rows.project,
      rows.table,
    ]);
    return `${rows.table} is gone, and with it ${names}, which run ${run} had dropped or disabled`;
  }
  const back: PutBackInputs = { session, schema, rows, ddl: pLimit(1), again: null };
  let failed = await putBack(back, deferred);
  let taken = 0;
  for (const everyRow of [false, true]) {
    if (failed.length === 0) break;
    taken += await takeLate(back, run, failed, everyRow);
    failed = await putBack(
      back,
      failed.map((one) => one.deferred),
    );
  }
  const [first] = failed;
  if (first !== undefined) throw first.error;
  const gone =
    taken === 0
      ? ''
      : `; ${counted(taken, 'row')} in their way ${taken === 1 ? 'was' : 'were'} deleted, for the next run to read again`;
  return `${rows.table}: put back what run ${run} had dropped or disabled: ${names}${gone}`;
}

async function takeLate(
  back: PutBackInputs,
  run: string,
  failed: readonly Failed[],
  everyRow: boolean,
): Promise<number> {
  const { session, schema, rows } = back;
  try {
    const { count } = await holdLate(session, schema, rows, failed, everyRow);
    await takeAway(session, schema, rows, failed);
    const details = { mapping: rows.mapping, table: rows.table, rows: count };
    const event = 'rows in the way of constraints deleted';
    await session.query(auditSql(schema, { project: rows.project, run, event, details }));
    await session.query('commit');
    return count;
  } catch (error) {
    await session.query('rollback').catch(() => undefined);
    throw error;
  }
}
