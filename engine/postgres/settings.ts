import pg from 'pg';

/** How long a session waits, in milliseconds. */
export interface Limits {
  /** For a server that does not answer when a connection is opened. */
  readonly connect: number;
  /** Without a byte either way, until a second connection looks whether the server is still at work. */
  readonly stall: number;
  /** For that second connection. */
  readonly probe: number;
  /** For another session's lock (`lock_timeout`). */
  readonly lock: number;
}

export const LIMITS: Limits = { connect: 15_000, stall: 60_000, probe: 15_000, lock: 60_000 };

/** What the text of values, and which rows are seen, depends on, the same in every session. */
const PINNED: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  client_encoding: 'UTF8',
  xmloption: 'content',
  lc_monetary: 'C',
  // Where a policy would hide rows from the role, an error says so.
  row_security: 'off',
};

/**
 * No statement or transaction is too long for a migration, whatever the role's own settings say: that a statement
 * hangs is seen by the connection. A server whose client is gone notices within two minutes, in the midst of a
 * statement within ten seconds, and lets its locks go.
 */
const TIMES: Readonly<Record<string, string>> = {
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  tcp_keepalives_idle: '60',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '6',
};

/** A batch's questions are cheap and estimated as dear: compiled, 6,000 rows with rejects took 40 s in place of 5 s. */
const SPEED: Readonly<Record<string, string>> = { jit: 'off' };

/** Settings that not every version and system has: where SQL holds. */
const WHERE_KNOWN: readonly (readonly [name: string, value: string, condition: string])[] = [
  ['idle_session_timeout', '0', 'true'],
  ['transaction_timeout', '0', 'true'],
  ['client_connection_check_interval', '10s', "version() ~ 'linux'"],
];

/** The list of a select that gives a new session its settings. @param operator who is behind it, for the audit */
export function settingsSql(searchPath: readonly string[], { lock }: Limits, operator: string): string {
  const own = { lock_timeout: `${String(lock)}ms`, 'crosswalk.operator': operator };
  const settings = Object.entries({ ...PINNED, ...TIMES, ...SPEED, ...own });
  const set = settings.map(([name, value]) => `set_config('${name}', ${pg.escapeLiteral(value)}, false)`);
  for (const [name, value, condition] of WHERE_KNOWN) {
    const known = `current_setting('${name}', true) is not null and ${condition}`;
    set.push(`case when ${known} then set_config('${name}', '${value}', false) end`);
  }
  if (searchPath.length > 0) {
    const path = searchPath.map((schema) => pg.escapeIdentifier(schema)).join(', ');
    set.push(`set_config('search_path', ${pg.escapeLiteral(path)}, false)`);
  }
  return set.join(', ');
}
