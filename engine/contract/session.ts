import type { EtlError } from './errors.js';

/** One connection to PostgreSQL, as the other rooms see it: every value is PostgreSQL's own text or null. */
export interface Session {
  /** The server's process id: what `pg_terminate_backend` takes. */
  readonly pid: number;
  /** When that process began, UTC with microseconds: an id alone may be another's later. */
  readonly backendStart: string;
  /** The connection is gone: whatever is asked fails. */
  readonly isLost: boolean;
  /** Its server followed another one when the connection was opened: it takes no writes. Left out where nobody asked. */
  readonly standby?: boolean;
  /** A pooler stands in between. Left out where nobody asked. */
  readonly pooled?: boolean;
  /**
   * Runs one statement with parameters, or several without.
   * @throws EtlError with the statement's SQLSTATE as `cause.code`
   */
  query(sql: string, values?: readonly (string | number | null)[]): Promise<QueryRows>;
  /**
   * Runs statements without parameters, each in a transaction of its own, in one round trip for all of them.
   * @returns for each, in their order, its rows or what `query` would have thrown
   */
  queries(statements: readonly string[]): Promise<readonly (QueryRows | EtlError)[]>;
  /**
   * `copy (…) to stdout`, text format: chunks of whole rows. Who stops in the middle loses the connection.
   * @param ordered how a session that outlives its connection goes on in the middle
   */
  copyOut(sql: string, ordered?: Ordered): AsyncIterable<Buffer>;
  /**
   * Sends statements as one message, with the data of every `copy … from stdin` among them in order,
   * and gives what each statement answered.
   */
  script(sql: string, payloads: readonly Buffer[]): Promise<readonly CommandTag[]>;
  close(): Promise<void>;
  /**
   * As `close`, but for work that has come to its end: the connection may be another user's next, who finds nothing on it
   * of what was done before. Left out where connections are not kept.
   */
  release?(): Promise<void>;
}

/** The order of a copy's rows: ascending, nulls last. */
export interface Ordered {
  /** SQL of the same copy, with only the rows that a condition holds for. */
  readonly only: (condition: string) => string;
  readonly by: readonly OrderedBy[];
  /** No two rows are alike in `by`, but for those that hold a null. */
  readonly unique: boolean;
}

export interface OrderedBy {
  readonly sql: string;
  /** The place from 0, in the copy's rows, of the text that the value is read from. */
  readonly field: number;
  /** The type that the text must be given for it to be read; null where the comparison tells. */
  readonly type: string | null;
}

export interface QueryRows {
  readonly columns: readonly { readonly name: string; readonly oid: number; readonly modifier: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** Of the command tag: rows that an INSERT, UPDATE or DELETE touched. */
  readonly count: number;
}

/** What a statement of a script answered: `COPY 5`, `UPDATE 3`, `BEGIN`, and the rows of a query. */
export interface CommandTag {
  readonly command: string;
  readonly count: number;
  readonly rows: readonly (readonly (string | null)[])[];
}
