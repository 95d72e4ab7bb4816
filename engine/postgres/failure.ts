import { EXIT, EtlError, type ExitCode } from '../contract/errors.js';
import { POOLER_FULL, socketHelp, stateHelp } from './advice.js';

/** The fields of an error that pg passes on from the server, or of a socket's error. */
interface Details {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly hint?: unknown;
  readonly constraint?: unknown;
  readonly where?: unknown;
  readonly message?: unknown;
}

const field = (error: unknown, name: keyof Details): string | null => {
  if (typeof error !== 'object' || error === null) return null;
  const value = (error as Details)[name];
  return typeof value === 'string' ? value : null;
};

/** The SQLSTATE of a server's error, looking through wrappers; null for all else. */
export function sqlstateOf(error: unknown): string | null {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    const code = field(e, 'code');
    // EPIPE and its like are a socket's.
    if (code !== null && /^(?!E[A-Z]{4})[0-9A-Z]{5}$/.test(code)) return code;
  }
  return null;
}

/** Classes that are worth another try: lost connection, no resources, operator's intervention, rolled back by the server. */
const TRANSIENT_CLASSES = new Set(['08', '40', '53', '57', '58']);
/** What a socket says of a connection that may come about later. */
const TRANSIENT_SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);
const TRANSIENT_STATES = new Set(['55P03', '25P03', '25P04']);

/** What another try may find otherwise, though no server and no socket says so. */
class NotYet extends EtlError {}

/** Of a target that was a primary: after a failover its name may still lead to the old one. */
export const standbyTarget = (): EtlError =>
  new NotYet('the target is a standby: it takes no writes', {
    exitCode: EXIT.transient,
    help: 'name the primary in the url; after a failover wait until its name leads there, then: etl resume',
  });

/** Of work whose temporary tables went with a connection. */
export const notesLost = (cause: unknown): EtlError =>
  new NotYet('what was noted on a connection went with it', { exitCode: EXIT.transient, cause });

/** Whether a later try may succeed without anything being changed. */
function isTransient(error: unknown): boolean {
  const state = sqlstateOf(error);
  if (isFull(error)) return true;
  if (state !== null) return TRANSIENT_CLASSES.has(state.slice(0, 2)) || TRANSIENT_STATES.has(state);
  const code = field(error, 'code');
  if (code !== null && TRANSIENT_SOCKET.has(code)) return true;
  return error instanceof Error && /terminated|timeout|Connection ended|not queryable/i.test(error.message);
}

/**
 * What the same question may not meet again: a lost connection, a server that is starting or has no room, a deadlock,
 * a conflict with other transactions or a standby's recovery, a lock that did not come free.
 */
const RETRYABLE = /^(08...|40001|40P01|53[0-3]..|57P0[1235]|55P03|25P0[34])$/;

/** Of those, what leaves the connection as it was: only the transaction is rolled back. */
const KEEPS_CONNECTION = /^(40...|531..|532..|55P03)$/;

/** Whether what has failed is worth being tried again at once, without anybody doing anything. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof NotYet || isFull(error)) return true;
  const state = sqlstateOf(error);
  if (state !== null) return RETRYABLE.test(state);
  if (error instanceof EtlError) return error.cause !== undefined && isRetryable(error.cause);
  return isTransient(error);
}

/** Whether nobody else is let in, for now: by the server, or by a pooler before it. */
function isFull(error: unknown): boolean {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    if (POOLER_FULL.test(e.message)) return true;
  }
  return sqlstateOf(error) === '53300';
}

/** Whether a server is away or full, as in a restart for maintenance: to be waited for longer than other things. */
export function isAway(error: unknown): boolean {
  if (error instanceof NotYet || isFull(error)) return true;
  const state = sqlstateOf(error);
  if (state !== null) return /^(08...|57P0[123])$/.test(state);
  const cause = error instanceof EtlError ? error.cause : error;
  return TRANSIENT_SOCKET.has(field(cause, 'code') ?? '');
}

/** Whether the connection is as good as before; told by the error alone, for the end of a connection may come later. */
export const keepsConnection = (error: unknown): boolean => KEEPS_CONNECTION.test(sqlstateOf(error) ?? '');

/** Whether the server ends the connection with it. */
export const endsConnection = (error: unknown): boolean =>
  /^(08...|57P0[1-5])$/.test(sqlstateOf(error) ?? '');

/** The constraint that a server's error names, or null. */
export function constraintOf(error: unknown): string | null {
  return error instanceof EtlError ? field(error.cause, 'constraint') : field(error, 'constraint');
}

/** Where the server says that an error came about (`COPY tasks, line 3, column tags: "{a}"`), or null. */
export function contextOf(error: unknown): string | null {
  return error instanceof EtlError ? field(error.cause, 'where') : field(error, 'where');
}

/** Whether the server refused a row for what is in it, so that its neighbours may be loaded. */
export function isRowRefusal(error: unknown): boolean {
  const state = sqlstateOf(error);
  if (state === null) return false;
  return new RegExp(OF_A_ROW).test(state) || !new RegExp(NOT_OF_A_ROW).test(state);
}

const OF_A_ROW = '^(2[0-3]|2F|3[89]|44|54|P0)';
/** Of the other classes those are a row's that a trigger's own code invents. ETL02, ETL03: the state refuses the run itself. */
const NOT_OF_A_ROW = '^([0-5FHPX]|ETL0[23])';

/** The same in a plpgsql exception handler. */
export const ROW_REFUSAL_SQL = `(sqlstate ~ '${OF_A_ROW}' or sqlstate !~ '${NOT_OF_A_ROW}')`;

/** Whether the server could not make sense of a statement, or may not run it. */
export const isWrongStatement = (error: unknown): boolean => /^(42|0A)/.test(sqlstateOf(error) ?? '');

const exitCodeOf = (error: unknown): ExitCode => (isTransient(error) ? EXIT.transient : EXIT.usage);

/** Characters of a statement that an error shows. */
const STATEMENT = 200;

/** A statement's beginning, its values left out. */
function shownStatement(sql: string): string {
  const bare = sql
    .replace(/'(?:[^']|'')*'/g, "'…'")
    .replace(/\s+/g, ' ')
    .trim();
  return bare.length > STATEMENT ? `${bare.slice(0, STATEMENT)}…` : bare;
}

/**
 * Puts a driver's or server's error into words: where it happened, what it says, what to do.
 * @param sql what was asked; shown where it was cancelled
 */
export function asEtlError(error: unknown, where: string, sql = ''): EtlError {
  if (error instanceof EtlError) return error;
  const state = sqlstateOf(error);
  const code = field(error, 'code') ?? '';
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const said = field(first, 'message') ?? String(first);
  const detail = field(error, 'detail');
  const help = field(error, 'hint') ?? (state === null ? socketHelp(code, said) : stateHelp(state, said));
  const asked = state === '57014' && sql !== '' ? `, in: ${shownStatement(sql)}` : '';
  const text = `${where}: ${said}${detail === null ? '' : ` (${detail})`}${state === null ? '' : ` [${state}]`}${asked}`;
  return new EtlError(text, {
    exitCode: exitCodeOf(error),
    cause: error,
    ...(help === undefined ? {} : { help }),
  });
}
