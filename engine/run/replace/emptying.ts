import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { quoteTable, quoteText } from '../../postgres/identifier.js';
import { plain, type Part } from '../../postgres/message.js';
import type { RunContext } from '../context.js';
import { groupOf, obstaclesOf, readEmptied, type Obstacle } from './obstacles.js';
import { isReplaced } from './preflight.js';
import { emptiedSql, emptySql } from './sql.js';

/** SQLSTATE object_not_in_prerequisite_state: no row's fault. */
const STATE = '55000';

/**
 * The statements that empty a mapping's table, to stand at the begin of its first batch's transaction; null where it
 * is not replaced, or the run has emptied it before. Nobody else writes the tables until that is committed.
 */
export async function emptyingOf(
  { compiled: all, planned, schema, handle, force, whole }: RunContext,
  compiled: CompiledMapping,
  target: Session,
): Promise<readonly Part[] | null> {
  if (!isReplaced(compiled) || !whole) return null;
  const emptier = { schema, run: handle.run };
  const { rows } = await target.query(`select ${emptiedSql(emptier, compiled.mapping.name)}`);
  if (rows[0]?.[0] === 't') return null;
  const replaced = [...all.values()].filter((one) => planned.has(one.mapping.name) && isReplaced(one));
  const group = groupOf(compiled.mapping.name, await readEmptied(target, replaced, all));
  const members = group.map((one) => one.compiled);
  const tables = [...members].sort((a, b) => a.table.oid - b.table.oid).map(({ table }) => quoteTable(table));
  return [
    plain(`lock table ${tables.join(', ')} in exclusive mode`),
    plain(refuseSql(obstaclesOf(group, emptier, force))),
    plain(emptySql(emptier, members)),
  ];
}

/** What has come since the run began: the transaction is taken back. */
function refuseSql(obstacles: readonly Obstacle[]): string {
  const checks = obstacles.map(
    ({ sql, condition, what, help }) => `if ${condition} then
      select count(*) into n from (${sql}) x;
      if n > 0 then raise exception using errcode = '${STATE}', message = 'mode: replace: ' || n || case n when 1 then ' row' else ' rows' end || ${quoteText(` ${what}`)},
        hint = ${quoteText(help)}; end if;
    end if;`,
  );
  return `do ${quoteText(`declare n bigint; begin ${checks.join('\n')} end`)}`;
}

/** How many old rows of the mapping gave way to new ones in this run. */
export async function emptiedRows(
  { schema, handle }: RunContext,
  mapping: string,
  session: Session,
): Promise<number> {
  const { rows } = await session.query(`select rows from ${schema}.emptied where run = $1 and mapping = $2`, [
    handle.run,
    mapping,
  ]);
  return Number(rows[0]?.[0] ?? 0);
}
