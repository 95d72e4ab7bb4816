import type { Located, Position, Problem } from '../contract/problem.js';
import { within } from '../contract/sql-text.js';
import type { SqlText } from '../contract/sql-text.js';
import { suggest } from '../contract/suggest.js';

/** The server's complaint without the driver's wrapping, and the character that it points at. */
const complaint = (error: Error): { text: string; position: number | null } => {
  const cause: unknown = error.cause ?? error;
  const text = cause instanceof Error ? cause.message : String(cause);
  const position =
    typeof cause === 'object' && cause !== null && 'position' in cause ? Number(cause.position) : NaN;
  return { text, position: Number.isFinite(position) ? position : null };
};

/** Whether the connection failed, and the SQL is not to blame. */
const isConnection = (error: unknown): boolean =>
  error instanceof Error && 'exitCode' in error && error.exitCode === 3;

/** What to do about SQL that names no column of the source: the column that was meant, or all there are. */
function sqlHelp(complaint: string, columns: readonly string[]): string {
  const unknown = /"?([\w.]+)"?/.exec(complaint.replace(/^column /, ''))?.[1] ?? '';
  const near = suggest(unknown.slice(unknown.lastIndexOf('.') + 1), columns);
  if (near !== null && !columns.includes(unknown)) return `did you mean "${near}"?`;
  return `it is evaluated over the columns ${columns.join(', ')}`;
}

/** A piece of a mapping's SQL within the query that was asked. */
export interface Asked {
  readonly piece: Located<string> | SqlText;
  /** Characters before the piece in what was described; Infinity: no complaint is about one of its characters. */
  readonly offset: number;
  /** The columns that the piece may speak of; null where it is the whole query or its condition. */
  readonly over: readonly string[] | null;
}

/** Where a character of SQL stands. @param offset in characters, as the server counts them: code points */
export function placeOf(piece: Asked['piece'], offset: number | null): Position {
  const characters = Array.from(piece.value);
  if (!('written' in piece) || offset === null || offset < 0 || offset > characters.length) return piece.at;
  return within(piece, characters.slice(0, offset).join('').length);
}

/** What the server has around the query that it describes. */
const AROUND = 'select * from ('.length;

/** The problem of SQL that a database refuses, the source by default. @throws the error itself where the connection failed */
export function refusedSql(error: Error, { piece, offset, over }: Asked, who = 'source'): Problem {
  if (isConnection(error)) throw error;
  const { text, position } = complaint(error);
  return {
    code: 'ETL-BIND-002',
    severity: 'error',
    message: `the ${who} refuses this SQL: ${text}`,
    at: placeOf(piece, position === null ? null : position - 1 - AROUND - offset),
    ...(over === null ? {} : { help: sqlHelp(text, over) }),
  };
}
