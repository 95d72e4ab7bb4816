import type { CompiledMapping } from '../../contract/compiled.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';
import { quoteName, quoteTable, quoteText, tableRows } from '../../postgres/identifier.js';
import { samePair, wroteSql } from '../../postgres/undo.js';
import { copyLines } from '../rows/batch.js';
import { broughtSql } from '../keys/brought.js';
import { Closure } from '../closure/closure.js';
import { isAt } from '../closure/edge.js';
import { keyEdge, readAllForeignKeys, type ForeignKey } from '../closure/foreign-keys.js';
import { fromOthers } from '../closure/sql.js';
import type { RunContext } from '../context.js';
import { handleNames, pairsOf } from '../keys/pairs.js';

/**
 * Deletes rows that an earlier part of the run has brought and that the source does not give any more, with the rows
 * of later mappings that it brought for them: those are decided anew when their mapping's turn comes.
 * @throws EtlError exit 5 where rows refer to them that are not the run's to take away; nothing is deleted then
 */
export async function withdraw(
  context: RunContext,
  compiled: CompiledMapping,
  handles: readonly string[],
  session: Session,
): Promise<void> {
  const names = handleNames(compiled);
  const lines = copyLines(handles.map((handle) => [handle]));
  try {
    await session.script(
      `begin; create temp table etl_left (target_key text) on commit drop; copy pg_temp.etl_left from stdin`,
      [lines],
    );
    const keys = (await readAllForeignKeys(session, compiled.table.oid)).filter(({ readable }) => readable);
    const closure = new Closure(
      session,
      keys.map((key) => keyEdge(key, goesAlong(context, key))),
    );
    await closure.open();
    await closure.add(
      0,
      `select t.tableoid, t.ctid, true from ${tableRows(compiled.table)} t join pg_temp.etl_left k on ${samePair(names)}`,
    );
    await closure.spread();
    for (const key of keys) {
      await letGo(context, session, key);
      await assertNone(compiled, session, key);
    }
    await remove(context, session, [compiled.table.oid, ...keys.map(({ oid }) => Number(oid))]);
    const place = [context.handle.run, compiled.mapping.name].map(quoteText);
    await session.query(
      `select ${context.schema}.checkpoint(${place[0] ?? ''}, ${context.handle.epoch}, ${place[1] ?? ''}, 0, null,
       0, 0, 0, 0, 0, 0, 0); commit`,
    );
  } catch (error) {
    await session.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** SQL: a row `t` waits for its second pass of the column, of one of the mappings that have begun. */
const waitsSql = ({ schema, handle }: RunContext, other: CompiledMapping, column: string): string =>
  `exists (select from ${schema}.second_pass k where k.run = ${quoteText(handle.run)}
    and k.mapping = ${quoteText(other.mapping.name)} and k.column_name = ${quoteText(column)} and ${samePair(handleNames(other))})`;

/** The mappings whose rows that wait need not refer to what goes: the second pass finds out what they refer to. */
function waiting({ compiled, begun }: RunContext, { oid, columns }: ForeignKey): readonly CompiledMapping[] {
  const own = [...compiled.values()].filter(({ table }) => table.oid === Number(oid));
  const column = own[0]?.table.columns.find(({ name }) => name === columns[0]);
  if (columns.length !== 1 || column?.notNull !== false) return [];
  return own.filter(({ mapping }) => begun.has(mapping.name));
}

/** SQL: a row `t` goes along: the run has brought it, for a mapping whose turn is still to come, and it does not wait. */
function goesAlong(context: RunContext, key: ForeignKey): string {
  const { schema, handle, begun } = context;
  const later = [...context.compiled.values()].filter(
    (other) => other.table.oid === Number(key.oid) && !begun.has(other.mapping.name),
  );
  const ours = later.map((other) => broughtSql({ schema, run: handle.run, compiled: other }));
  const waits = waiting(context, key).map((other) => waitsSql(context, other, key.columns[0] ?? ''));
  return `(${['false', ...ours].join(' or ')}) and not (${['false', ...waits].join(' or ')})`;
}

/** Empties the column of rows that wait and stay. */
async function letGo(context: RunContext, session: Session, key: ForeignKey): Promise<void> {
  const { schema, handle } = context;
  const [column = ''] = key.columns;
  for (const other of waiting(context, key)) {
    const { count } = await session.query(
      `update ${quoteTable(key.table)} o set ${quoteName(column)} = null where (o.tableoid, o.ctid) in (
         select t.tableoid, t.ctid from ${fromOthers(keyEdge(key, waitsSql(context, other, column)))})`,
    );
    if (count > 0) await session.query(wroteSql({ schema, run: handle.run, mapping: other.mapping.name }));
  }
}

/** Whoever refers to a row that goes and does not go along is in its way. */
async function assertNone(compiled: CompiledMapping, session: Session, key: ForeignKey): Promise<void> {
  const { rows } = await session.query(`select count(*) from ${fromOthers(keyEdge(key))}`);
  const count = rows[0]?.[0] ?? '0';
  if (count === '0') return;
  const { schema, name } = key.table;
  throw new EtlError(
    `${compiled.mapping.name}: rows that an earlier part of this run has loaded are gone in the source or are rejected now, and ${count} rows of ${schema}.${name} refer to them (${key.name})`,
    {
      exitCode: EXIT.checks,
      help: `take the run back and begin anew: etl rollback, then etl run; nothing of ${compiled.mapping.name} was deleted`,
    },
  );
}

/** Deletes what goes, of all tables in one statement, with what the state knows of it. */
async function remove(context: RunContext, session: Session, oids: readonly number[]): Promise<void> {
  const { schema } = context;
  const all = [...context.compiled.values()].filter(({ table }) => oids.includes(table.oid));
  const gone = ({ table }: CompiledMapping): string =>
    `${tableRows(table)} t using pg_temp.etl_closure c where ${isAt('t', 'c')}`;
  for (const other of all) {
    if (other.handle.length === 0) continue;
    const using = `using ${tableRows(other.table)} t, pg_temp.etl_closure c where ${isAt('t', 'c')} and ${samePair(handleNames(other))}`;
    await session.query(`delete from ${schema}.key_map k ${using} and ${pairsOf(other)}`);
    await session.query(
      `delete from ${schema}.second_pass k ${using} and k.mapping = ${quoteText(other.mapping.name)}`,
    );
  }
  const tables = new Map(all.map((other) => [other.table.oid, gone(other)]));
  const parts = [...tables.values()].map((sql, n) => `d${String(n)} as (delete from ${sql})`);
  await session.query(`with ${parts.join(', ')} select`);
}
