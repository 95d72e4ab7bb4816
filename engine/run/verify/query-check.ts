import type { CheckSpec } from '../../contract/check.js';
import { compareDecimals, parseDecimal } from '../../contract/decimal.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { CheckResult } from '../../contract/result.js';
import type { Session } from '../../contract/session.js';
import { withoutSemicolon } from '../../compile/shape.js';
import { judge } from './judge.js';

/** Rows that the note of a check shows. */
const SHOWN = 3;

type QueryTest = Extract<CheckSpec['test'], { kind: 'query' }>;

/** A check in SQL of the mapping's own. @param rows the mapping's rows in the target */
export async function queryCheck(
  session: Session,
  spec: CheckSpec,
  test: QueryTest,
  { rows, hidden }: { readonly rows: number; readonly hidden: boolean },
): Promise<CheckResult> {
  const sql = withoutSemicolon(test.sql.value);
  try {
    return test.value === null
      ? await empty(session, spec, sql, rows, hidden)
      : await oneValue(session, spec, sql, test.value.type === 'null' ? null : test.value.text, rows);
  } catch (error) {
    if (!(error instanceof EtlError) || error.exitCode === EXIT.transient) throw error;
    const { file, line } = test.sql.at;
    const note = `the query fails: ${error.message} (${file}:${String(line)})`;
    return {
      check: spec.name,
      status: spec.severity === 'warn' ? 'warned' : 'failed',
      source: '',
      target: '',
      note,
    };
  }
}

/** In brackets, so that a query cannot write: the server refuses a statement that does within another. */
async function empty(
  session: Session,
  spec: CheckSpec,
  sql: string,
  rows: number,
  hidden: boolean,
): Promise<CheckResult> {
  const answer = await session.query(`select count(*) from (${sql}\n) c`);
  const found = Number(answer.rows[0]?.[0] ?? 0);
  const status = judge(spec, found, rows);
  const said = { check: spec.name, status, source: '0', target: String(found), found };
  if (found === 0) return said;
  const first = hidden ? null : await session.query(`select * from (${sql}\n) c limit ${String(SHOWN)}`);
  const names = first?.columns.map(({ name }) => name) ?? [];
  const shown = first?.rows.map((row) =>
    row.map((text, n) => `${names[n] ?? ''} ${text ?? 'null'}`).join(', '),
  );
  const examples = shown === undefined ? '' : `: ${shown.join('; ')}${found > SHOWN ? '; …' : ''}`;
  return { ...said, note: `the query gives ${String(found)} ${found === 1 ? 'row' : 'rows'}${examples}` };
}

async function oneValue(
  session: Session,
  spec: CheckSpec,
  sql: string,
  wanted: string | null,
  rows: number,
): Promise<CheckResult> {
  const { rows: given, columns } = await session.query(`select * from (${sql}\n) c limit 2`);
  const [first] = given;
  const base = { check: spec.name, source: wanted ?? 'null' };
  if (given.length !== 1 || columns.length !== 1 || first === undefined) {
    const many =
      given.length > 1 ? 'several rows' : given.length === 0 ? 'no row' : `${String(columns.length)} columns`;
    return {
      ...base,
      status: judge(spec, 1, rows),
      target: '',
      found: 1,
      note: `the query gives ${many}, not one value`,
    };
  }
  const [found = null] = first;
  const differs = !sameValue(wanted, found);
  return {
    ...base,
    status: judge(spec, differs ? 1 : 0, rows),
    target: found ?? 'null',
    found: differs ? 1 : 0,
  };
}

/** Numbers compare as decimals, true and false as PostgreSQL writes them or in words, all else by the text. */
function sameValue(wanted: string | null, found: string | null): boolean {
  if (wanted === null || found === null) return wanted === found;
  const [one, other] = [parseDecimal(wanted), parseDecimal(found)];
  if (one !== null && other !== null) return compareDecimals(one, other) === 0;
  const word = (text: string): string => (text === 't' ? 'true' : text === 'f' ? 'false' : text);
  return wanted === found || word(wanted) === word(found);
}
