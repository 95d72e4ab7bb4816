import type { RawStmt, SelectStmt } from 'libpg-query';
import { columnsOf, expressionFaults } from './expression.js';
import type { ColumnUse } from './expression.js';
import { syntaxFault } from './fault.js';
import type { Fault } from './fault.js';
import { outputsOf } from './outputs.js';
import type { Parsed, Parser } from './parser.js';
import { walk } from './walk.js';

/** A piece of SQL as read: `offset`s count UTF-16 units from its beginning. */
export interface ReadSql {
  readonly faults: readonly Fault[];
  /** The columns that a query gives; null where its text alone does not decide them, and for other pieces. */
  readonly gives: readonly { readonly name: string; readonly offset: number | null }[] | null;
  /** The columns that an expression takes of the row; none for other pieces. */
  readonly takes: readonly ColumnUse[];
}

type Tree = Extract<Parsed, { statements: unknown }>;

const NOTHING: ReadSql = { faults: [], gives: null, takes: [] };

/** One select that reads: what stands in `from (…) q`. */
export function readQuery(text: string, parser: Parser): ReadSql {
  const parsed = parser.parse(text);
  if ('message' in parsed) return refused(syntaxFault(text, parsed.message, parsed.offset));
  const [first, second] = parsed.statements;
  const select = selectOf(first);
  if (second !== undefined) {
    const offset = skipSpace(text, parsed.offsetOf(second.stmt_location));
    return refused({ kind: 'form', message: 'a second statement begins here; a query is one', offset });
  }
  if (select === null) {
    const message = first === undefined ? 'there is no query here' : 'a query is a select';
    return refused({ kind: 'form', message, offset: skipSpace(text, 0) });
  }
  const writes = writingFaults(select, text, parsed);
  if (writes.length > 0) return { ...NOTHING, faults: writes };
  const outputs = outputsOf(select);
  const gives = outputs?.map(({ name, location }) => ({
    name,
    offset: location === undefined ? null : parsed.offsetOf(location),
  }));
  return { ...NOTHING, gives: gives ?? null };
}

const BEFORE = 'select (';

/** One expression over a row: what stands in `select q.*, (…) from … q`. */
export function readExpression(text: string, parser: Parser): ReadSql {
  const whole = parser.parse(`${BEFORE}${text}\n)`);
  const within = (offset: number): number => Math.min(Math.max(0, offset - BEFORE.length), text.length);
  if ('message' in whole) return refused(syntaxFault(text, whole.message, within(whole.offset)));
  const [first, second] = whole.statements;
  const select = selectOf(first);
  const [target, other] = select?.targetList ?? [];
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget : undefined;
  const { targetList: _targets, limitOption: _limit, op: _op, ...clauses } = select ?? {};
  const alone = second === undefined && other === undefined && value?.name === undefined;
  if (!alone || value?.val === undefined || Object.keys(clauses).length > 0) {
    return refused({
      kind: 'form',
      message: 'this is more than one expression',
      offset: within(BEFORE.length),
    });
  }
  const place = (location: number | undefined): number => within(whole.offsetOf(location));
  if ('RowExpr' in value.val && value.val.RowExpr.location === BEFORE.length - 1) {
    const offset = place(locationOf(value.val.RowExpr.args?.[1]));
    return refused({ kind: 'form', message: 'a second expression begins here', offset });
  }
  const faults = expressionFaults(value.val).map(({ location, ...fault }) => ({
    ...fault,
    offset: place(location),
  }));
  const takes = columnsOf(value.val).map(({ location, ...use }) => ({ ...use, offset: place(location) }));
  return { faults, gives: null, takes };
}

/** Statements of any kind, one or several. */
export function readStatements(text: string, parser: Parser): ReadSql {
  const parsed = parser.parse(text);
  if ('message' in parsed) return refused(syntaxFault(text, parsed.message, parsed.offset));
  if (parsed.statements.length > 0) return NOTHING;
  return refused({ kind: 'form', message: 'there is no statement here', offset: skipSpace(text, 0) });
}

const refused = (fault: Fault): ReadSql => ({ ...NOTHING, faults: [fault] });

function selectOf(statement: RawStmt | undefined): SelectStmt | null {
  const node = statement?.stmt;
  return node !== undefined && 'SelectStmt' in node ? node.SelectStmt : null;
}

/** Parts of a query that would write, lock or wait for a value. */
function writingFaults(select: SelectStmt, text: string, { offsetOf }: Tree): readonly Fault[] {
  const faults: Fault[] = [];
  const add = (message: string, location: number | undefined): void =>
    void faults.push({ kind: 'form', message, offset: offsetOf(location) });
  walk({ SelectStmt: select }, (kind, body) => {
    if (kind === 'CommonTableExpr' && 'ctequery' in body && !isSelect(body.ctequery)) {
      add('a query reads: insert, update, delete and merge do not stand in it', locationOf({ [kind]: body }));
    } else if (kind === 'SelectStmt' && 'intoClause' in body) {
      add('a query reads: "into" would make a table', locationOf(body.intoClause));
    } else if (kind === 'LockingClause') {
      const offset = text.search(/\bfor\s+(?:update|no\s+key|share|key)\b/i);
      const message = 'a query reads: "for update" and "for share" would lock rows';
      faults.push({ kind: 'form', message, offset: Math.max(0, offset) });
    } else if (kind === 'ParamRef') {
      add('a parameter has no value here: write the value itself', locationOf({ [kind]: body }));
    }
  });
  return faults;
}

const isSelect = (query: unknown): boolean =>
  typeof query === 'object' && query !== null && 'SelectStmt' in query;

/** The first place that a tree names, in bytes. */
function locationOf(tree: unknown): number | undefined {
  if (typeof tree !== 'object' || tree === null) return undefined;
  if ('location' in tree && typeof tree.location === 'number') return tree.location;
  const places = Object.values(tree).flatMap((part: unknown) => locationOf(part) ?? []);
  return places.length === 0 ? undefined : Math.min(...places);
}

/** The first character from `offset` on that is neither white space nor in a comment. */
function skipSpace(text: string, offset: number): number {
  return offset + (/^(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)*/.exec(text.slice(offset))?.[0].length ?? 0);
}
