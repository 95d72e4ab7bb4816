import pg from 'pg';
import type { EtlError } from '../contract/errors.js';
import type { Connection } from '../contract/mapping.js';
import type { EndPoint } from '../contract/result.js';
import type { CommandTag, QueryRows, Session } from '../contract/session.js';
import { CopyOut } from './copy-out.js';
import { asEtlError } from './failure.js';
import { Script } from './script.js';
import { connectionParts } from './url.js';
import { sendVolley } from './volley.js';

/** Every value as PostgreSQL writes it: pg's own parsers lose digits, microseconds and zones. */
const RAW_TYPES = { getTypeParser: () => (value: string) => value };

/** What the text of values depends on, the same in every session. */
const PINNED: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  client_encoding: 'UTF8',
  xmloption: 'content',
  lc_monetary: 'C',
};

/** Milliseconds until a server that does not answer counts as gone. */
const CONNECT_TIMEOUT = 15_000;

/** A session with its values pinned; see {@link Session}. */
export class PgSession implements Session {
  private failure: Error | null = null;
  /** Not null while {@link sendVolley} is under way: nothing may be asked between its queries. */
  private volley: Promise<unknown> | null = null;

  private constructor(
    private readonly client: pg.Client,
    /** For messages: `source`, `target`. */
    readonly name: string,
    readonly pid: number,
    readonly endPoint: EndPoint,
  ) {}

  /**
   * @param operator who is behind it, for the audit: the session's `crosswalk.operator`
   * @throws EtlError: exit 2 for what must be mended, exit 3 for what may pass
   */
  static async open(connection: Connection, application: string, operator = ''): Promise<PgSession> {
    const parts = connectionParts(connection);
    const client = new pg.Client({
      host: parts.host,
      port: parts.port,
      database: parts.database,
      user: parts.user,
      password: parts.password,
      ssl: parts.ssl === false ? false : parts.ssl,
      application_name: application,
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      keepAlive: true,
      types: RAW_TYPES,
    });
    let session: PgSession | null = null;
    client.on('error', (error) => {
      if (session !== null) session.failure = error;
    });
    try {
      await client.connect();
      const set = Object.entries({ ...PINNED, 'crosswalk.operator': operator }).map(
        ([name, value]) => `set_config('${name}', ${pg.escapeLiteral(value)}, false)`,
      );
      if (connection.searchPath.length > 0) {
        const path = connection.searchPath.map((schema) => pg.escapeIdentifier(schema)).join(', ');
        set.push(`set_config('search_path', ${pg.escapeLiteral(path)}, false)`);
      }
      const answer = await client.query<string[]>({
        text: `select pg_backend_pid(), current_setting('server_version'), ${set.join(', ')}`,
        rowMode: 'array',
      });
      const row = answer.rows[0] ?? [];
      const { host, port, database, user } = parts;
      session = new PgSession(client, connection.name, Number(row[0]), {
        host,
        port,
        database,
        user,
        version: row[1] ?? '',
      });
      return session;
    } catch (error) {
      await client.end().catch(() => undefined);
      const where = `cannot connect to "${connection.name}" (${parts.user}@${parts.host}:${String(parts.port)}/${parts.database})`;
      throw asEtlError(error, where);
    }
  }

  async query(sql: string, values?: readonly (string | number | null)[]): Promise<QueryRows> {
    while (this.volley !== null) await this.volley;
    this.assertAlive();
    try {
      const answer: unknown = await this.client.query<(string | null)[]>({
        text: sql,
        rowMode: 'array',
        ...(values === undefined ? {} : { values: [...values] }),
      });
      // Several statements without parameters give a list of results; the last one is the answer.
      const last = (Array.isArray(answer) ? answer.at(-1) : answer) as pg.QueryArrayResult<(string | null)[]>;
      return {
        columns: last.fields.map((f) => ({ name: f.name, oid: f.dataTypeID, modifier: f.dataTypeModifier })),
        rows: last.rows,
        count: last.rowCount ?? 0,
      };
    } catch (error) {
      throw asEtlError(error, `"${this.name}"`);
    }
  }

  async queries(statements: readonly string[]): Promise<readonly (QueryRows | EtlError)[]> {
    while (this.volley !== null) await this.volley;
    this.assertAlive();
    const sent = sendVolley(this.client, statements).finally(() => {
      this.volley = null;
    });
    this.volley = sent;
    const answers = await sent;
    return answers.map((a) => (a instanceof Error ? asEtlError(a, `"${this.name}"`) : a));
  }

  async *copyOut(sql: string): AsyncIterable<Buffer> {
    while (this.volley !== null) await this.volley;
    this.assertAlive();
    const copy = new CopyOut(`copy (${sql}) to stdout`);
    this.client.query(copy as unknown as pg.Submittable);
    try {
      yield* copy;
    } catch (error) {
      throw asEtlError(error, `reading from "${this.name}"`);
    }
  }

  async script(sql: string, payloads: readonly Buffer[]): Promise<readonly CommandTag[]> {
    while (this.volley !== null) await this.volley;
    this.assertAlive();
    const script = new Script(sql, payloads);
    this.client.query(script as unknown as pg.Submittable);
    try {
      return await script.done;
    } catch (error) {
      throw asEtlError(error, `writing to "${this.name}"`);
    }
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }

  private assertAlive(): void {
    if (this.failure !== null) throw asEtlError(this.failure, `the connection to "${this.name}" was lost`);
  }
}
