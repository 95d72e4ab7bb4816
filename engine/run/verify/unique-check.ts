import type { CheckSpec } from '../../contract/check.js';
import type { CheckResult } from '../../contract/result.js';
import { sensitiveColumns } from '../../compile/program/program.js';
import { quoteName } from '../../postgres/identifier.js';
import { rowsOf } from '../checks.js';
import type { Evaluation } from './evaluation.js';
import { judge } from './judge.js';

/** No two rows of the mapping in the target have the same values there; nulls are no values. */
export async function uniqueCheck(
  { compiled, context, sessions, rows: all }: Evaluation,
  spec: CheckSpec,
  columns: readonly string[],
): Promise<CheckResult> {
  const names = columns.map((name) => `t.${quoteName(name)}`);
  const there = names.map((name) => `${name} is not null`).join(' and ');
  const { rows } = await sessions.target.query(
    `select count(*), (array_agg(g.shown))[1:3] from (
       select concat_ws(', ', ${names.map((name) => `${name}::text`).join(', ')}) as shown
       ${rowsOf(compiled, context.schema)} and ${there} group by ${names.join(', ')} having count(*) > 1) g`,
  );
  const found = Number(rows[0]?.[0] ?? 0);
  const said = {
    check: spec.name,
    status: judge(spec, found, all),
    source: '0',
    target: String(found),
    found,
  };
  if (found === 0) return said;
  const hidden = columns.some((name) => sensitiveColumns(compiled).has(name));
  const values = hidden ? '' : `: ${rows[0]?.[1] ?? ''}`;
  return { ...said, note: `${String(found)} values stand in several rows${values}` };
}
