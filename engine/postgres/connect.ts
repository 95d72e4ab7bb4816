import type { Socket } from 'node:net';
import { TLSSocket, type PeerCertificate } from 'node:tls';
import pg from 'pg';
import type { EtlError } from '../contract/errors.js';
import type { Connection } from '../contract/mapping.js';
import type { EndPoint } from '../contract/result.js';
import type { CommandTag, QueryRows, Session } from '../contract/session.js';
import { BACKEND_START } from './backend.js';
import { CopyOut } from './copy-out.js';
import { asEtlError, sqlstateOf } from './failure.js';
import { quoteName } from './identifier.js';
import { takePulse } from './pulse.js';
import { Script } from './script.js';
import { assertVersion } from './server-version.js';
import { LIMITS, settingsSql, type Limits } from './settings.js';
import { connectionParts } from './url.js';
import { sendVolley } from './volley.js';
import { Watchdog } from './watchdog.js';

/** Every value as PostgreSQL writes it: pg's own parsers lose digits, microseconds and zones. */
const RAW_TYPES = { getTypeParser: () => (value: string) => value };

/** Milliseconds that a server has to answer a goodbye. */
const GOODBYE = 2000;

/** Milliseconds without traffic before the system asks whether the other end is there. */
const KEEP_ALIVE = 30_000;

/** The parts of pg's client that its types leave out. */
interface Inside {
  readonly connection: { readonly stream: Socket };
  readonly processID: number | null;
}

/** A session with its values pinned; see {@link Session}. */
export class PgSession implements Session {
  private failure: Error | null = null;
  /** Not null while {@link sendVolley} is under way: nothing may be asked between its queries. */
  private volley: Promise<unknown> | null = null;
  /** Answers that are awaited, but for those of a {@link CopyOut}. */
  private awaited = 0;
  private copy: CopyOut | null = null;

  private constructor(
    private readonly client: pg.Client,
    /** For messages: `source`, `target`. */
    readonly name: string,
    readonly pid: number,
    readonly backendStart: string,
    readonly endPoint: EndPoint,
  ) {}

  /**
   * @param operator who is behind it, for the audit: the session's `crosswalk.operator`
   * @throws EtlError: exit 2 for what must be mended, exit 3 for what may pass
   */
  static async open(
    connection: Connection,
    application: string,
    { limits = LIMITS, operator = '' }: { readonly limits?: Limits; readonly operator?: string } = {},
  ): Promise<PgSession> {
    const parts = connectionParts(connection);
    const { host, port, database, user, password } = parts;
    const config = { host, port, database, user, password, ssl: parts.ssl, application_name: application };
    const client = new pg.Client({
      ...config,
      connectionTimeoutMillis: limits.connect,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE,
      types: RAW_TYPES,
    });
    let session: PgSession | null = null;
    client.on('error', (error) => {
      if (session !== null) session.failure ??= error;
    });
    try {
      await client.connect();
      const answer = await within(
        limits.connect,
        client.query<string[]>({
          text: `select pg_backend_pid(), (select ${BACKEND_START} from pg_stat_get_activity(pg_backend_pid())),
          current_setting('server_version'), ${settingsSql(connection.searchPath, limits, operator)}`,
          rowMode: 'array',
        }),
      );
      const [pid, backendStart = '', version = ''] = answer.rows[0] ?? [];
      assertVersion(connection.name, version);
      const endPoint = { host, port, database, user, version };
      session = new PgSession(client, connection.name, Number(pid), backendStart, endPoint);
      session.watch({ ...config, application_name: `${application}: probe` }, limits);
      return session;
    } catch (error) {
      hangUp(client);
      const where = `cannot connect to "${connection.name}" (${user}@${host}:${String(port)}/${database})`;
      // The server says so before it knows what the session wants; its hint would speak of other rights.
      if (sqlstateOf(error) === '42501')
        throw asEtlError(
          error,
          where,
          `grant connect on database ${quoteName(database)} to ${quoteName(user)}`,
        );
      throw asEtlError(error, where);
    }
  }

  /** How the connection is encrypted; null where it is not. */
  get tls(): { readonly protocol: string; readonly validTo: Date | null } | null {
    const stream = streamOf(this.client);
    if (!(stream instanceof TLSSocket)) return null;
    // An empty object where the server showed none.
    const { valid_to: validTo } = stream.getPeerCertificate() as Partial<PeerCertificate>;
    return {
      protocol: stream.getProtocol() ?? 'TLS',
      validTo: validTo === undefined ? null : new Date(validTo),
    };
  }

  /**
   * The process that the server named when the connection was opened; another one than `pid` where a pooler stands in
   * between, which names its own.
   */
  get namedPid(): number {
    return (this.client as unknown as Inside).processID ?? this.pid;
  }

  private watch(config: pg.ClientConfig, { stall, probe }: Limits): void {
    new Watchdog(streamOf(this.client), {
      expects: () => this.awaited > 0 || this.copy?.isUnderWay === true,
      pulse: () => takePulse(config, this.pid, this.backendStart, probe),
      stall,
    });
  }

  get isLost(): boolean {
    return this.failure !== null;
  }

  async query(sql: string, values?: readonly (string | number | null)[]): Promise<QueryRows> {
    while (this.volley !== null) await this.volley;
    this.assertAlive();
    this.awaited++;
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
    } finally {
      this.awaited--;
    }
  }

  async queries(statements: readonly string[]): Promise<readonly (QueryRows | EtlError)[]> {
    while (this.volley !== null) await this.volley;
    this.assertAlive();
    this.awaited++;
    const sent = sendVolley(this.client, statements).finally(() => {
      this.volley = null;
      this.awaited--;
    });
    this.volley = sent;
    const answers = await sent;
    return answers.map((a) => (a instanceof Error ? asEtlError(a, `"${this.name}"`) : a));
  }

  async *copyOut(sql: string): AsyncIterable<Buffer> {
    while (this.volley !== null) await this.volley;
    this.assertAlive();
    const copy = new CopyOut(`copy (${sql}) to stdout`);
    this.copy = copy;
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
    this.awaited++;
    this.client.query(script as unknown as pg.Submittable);
    try {
      return await script.done;
    } catch (error) {
      throw asEtlError(error, `writing to "${this.name}"`);
    } finally {
      this.awaited--;
    }
  }

  /** Says goodbye, and does not wait for the answer of a server that gives none. */
  async close(): Promise<void> {
    if (!this.isLost) await within(GOODBYE, this.client.end()).catch(() => undefined);
    hangUp(this.client);
  }

  private assertAlive(): void {
    if (this.failure !== null) throw asEtlError(this.failure, `the connection to "${this.name}" was lost`);
  }
}

const streamOf = (client: pg.Client): Socket => (client as unknown as Inside).connection.stream;

function hangUp(client: pg.Client): void {
  client.end().catch(() => undefined);
  streamOf(client).destroy();
}

/** What the work gives. @throws an error with code ETIMEDOUT where it takes longer than `ms` */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer: { at?: NodeJS.Timeout } = {};
  const late = new Promise<never>((_, reject) => {
    timer.at = setTimeout(() => {
      reject(Object.assign(new Error('timeout expired'), { code: 'ETIMEDOUT' }));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer.at);
  }
}
