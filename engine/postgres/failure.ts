import { EXIT, EtlError, type ExitCode } from '../contract/errors.js';

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

const SOCKET_HELP: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is the server running, and are host and port right?',
  ENOTFOUND: 'the host name is unknown: check its spelling',
  EAI_AGAIN: 'the name server did not answer: try again',
  ETIMEDOUT: 'the host did not answer: a firewall or security group may be in between',
  ECONNRESET: 'the server closed the connection',
  EHOSTUNREACH: 'no route to the host',
};

const CERTIFICATE_HELP: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED:
    "renew the server's certificate; until then ssl: require goes without a look at it, and is no proof of who answers",
  CERT_NOT_YET_VALID: 'the certificate is for later, or this machine’s clock is behind',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'name the host as the certificate does, or have only its authority checked with ssl: verify-ca',
};

/** What to do about an error that came from no server: of the network, or of TLS. */
function socketHelp(code: string, said: string): string | undefined {
  const known = CERTIFICATE_HELP[code];
  if (known !== undefined) return known;
  if (/CERT|TLS|SELF_SIGNED|VERIFY/.test(code)) {
    return "the server's certificate is not trusted: name its authority with ca:, or go without the check with ssl: require";
  }
  if (said.includes('does not support SSL')) return 'ssl: disable speaks to it in the clear';
  return SOCKET_HELP[code];
}

const SQLSTATE_HELP: Readonly<Record<string, string>> = {
  '28P01': 'check user and password of the connection',
  '28000': "check the user, and the server's pg_hba.conf",
  '3D000': 'check the database name of the connection',
  '55P03':
    'someone else wants a table for himself (TRUNCATE, ALTER, LOCK): wait until he is done, then run again',
  '42501': 'grant the role what it needs, or connect as another',
  '40001':
    'other transactions were in the way; a standby ends queries that its recovery waits for: raise its max_standby_streaming_delay, set hot_standby_feedback, or read from the primary',
  '53100': 'the server’s disk is full: make room, then: etl resume',
  '53300': 'the server has no connection free: use fewer jobs (--jobs) or raise its limit',
};

const stateHelp = (state: string, said: string): string | undefined =>
  state === '28000' && /no encryption|SSL off/.test(said)
    ? 'the server takes encrypted connections only: ssl: verify-full with ca:, or at least ssl: require'
    : SQLSTATE_HELP[state];

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

/** Whether a later try may succeed without anything being changed. */
function isTransient(error: unknown): boolean {
  const state = sqlstateOf(error);
  if (state !== null) return TRANSIENT_CLASSES.has(state.slice(0, 2)) || TRANSIENT_STATES.has(state);
  const code = field(error, 'code');
  if (code !== null && TRANSIENT_SOCKET.has(code)) return true;
  return error instanceof Error && /terminated|timeout|Connection ended|not queryable/i.test(error.message);
}

/**
 * What the same question may not meet again: a lost connection, a server that is starting or has no room, a deadlock,
 * a conflict with other transactions or a standby's recovery, a lock that did not come free.
 */
const RETRYABLE = /^(08...|40001|40P01|53...|57P0[1235]|55P03|25P0[34])$/;

/** Of those, what leaves the connection as it was: only the transaction is rolled back. */
const KEEPS_CONNECTION = /^(40...|531..|532..|534..|55P03)$/;

/** Whether what has failed is worth being tried again at once, without anybody doing anything. */
export function isRetryable(error: unknown): boolean {
  const state = sqlstateOf(error);
  if (state !== null) return RETRYABLE.test(state);
  if (error instanceof EtlError) return error.cause !== undefined && isRetryable(error.cause);
  return isTransient(error);
}

/** Whether the connection is as good as before; told by the error alone, for the end of a connection may come later. */
export const keepsConnection = (error: unknown): boolean => KEEPS_CONNECTION.test(sqlstateOf(error) ?? '');

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
  return /^(2[0-3]|2F|3[89]|44|54|P0)/.test(state) || !/^[0-5FHPX]/.test(state);
}

/** The same in a plpgsql exception handler. */
export const ROW_REFUSAL_SQL = `(sqlstate ~ '^(2[0-3]|2F|3[89]|44|54|P0)' or sqlstate !~ '^[0-5FHPX]')`;

/** Whether the server could not make sense of a statement, or may not run it. */
export const isWrongStatement = (error: unknown): boolean => /^(42|0A)/.test(sqlstateOf(error) ?? '');

const exitCodeOf = (error: unknown): ExitCode => (isTransient(error) ? EXIT.transient : EXIT.usage);

/** Puts a driver's or server's error into words: where it happened, what it says, what to do. @param cure in place of the usual advice */
export function asEtlError(error: unknown, where: string, cure?: string): EtlError {
  if (error instanceof EtlError) return error;
  const state = sqlstateOf(error);
  const code = field(error, 'code') ?? '';
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const said = field(first, 'message') ?? String(first);
  const detail = field(error, 'detail');
  const help =
    cure ?? field(error, 'hint') ?? (state === null ? socketHelp(code, said) : stateHelp(state, said));
  const text = `${where}: ${said}${detail === null ? '' : ` (${detail})`}${state === null ? '' : ` [${state}]`}`;
  return new EtlError(text, {
    exitCode: exitCodeOf(error),
    cause: error,
    ...(help === undefined ? {} : { help }),
  });
}
