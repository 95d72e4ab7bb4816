import type { Socket } from 'node:net';
import { TLSSocket, type PeerCertificate } from 'node:tls';
import pg from 'pg';
import type { EtlError } from '../contract/errors.js';
import type { Connection } from '../contract/mapping.js';
import type { EndPoint } from '../contract/result.js';
import type { CommandTag, QueryRows, Session } from '../contract/session.js';
import { connectionParts } from '../connection/parts.js';
import { BACKEND_START } from './backend.js';
import { assertKind, clientConfig, watchLogin, withPassword } from './client-config.js';
import { CopyOut } from './copy-out.js';
import { asEtlError, endsConnection } from './failure.js';
import { takePulse } from './pulse.js';
import { refusedLogin, SILENT } from './refused-login.js';
import { Script } from './script.js';
import { assertVersion } from './server-version.js';
import { LIMITS, settingsSql, type Limits } from './settings.js';
import { sendVolley } from './volley.js';
import { Watchdog } from './watchdog.js';

/** Every value as PostgreSQL writes it: pg's own parsers lose digits, microseconds and zones. */
const RAW_TYPES = { getTypeParser: () => (value: string) => value };

/** Milliseconds that a server has to answer a goodbye. */
const GOODBYE = 2000;

interface OpenSettings {
  readonly limits?: Limits;
  readonly operator?: string;
  readonly keep?: (session: PgSession) => void;
}

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
    /** The server followed another one when the connection was opened: nothing can be written. */
    readonly standby: boolean,
    /** A select that pins the session's values. */
    private readonly settings: string,
    private readonly keep: ((session: PgSession) => void) | null,
  ) {}

  /**
   * @param options `operator` is who is behind it, for the audit: the session's `crosswalk.operator`; `keep` takes a
   * session that is released
   * @throws EtlError: exit 2 for what must be mended, exit 3 for what may pass
   */
  static async open(
    connection: Connection,
    application: string,
    { limits = LIMITS, operator = '', keep }: OpenSettings = {},
  ): Promise<PgSession> {
    const parts = connectionParts(connection);
    const { host, port, database, user } = parts;
    const config = clientConfig(parts, application, limits);
    const client = new pg.Client({ ...(await withPassword(config, parts)), types: RAW_TYPES });
    const settings = settingsSql(connection.searchPath, limits, operator);
    let session: PgSession | null = null;
    client.on('error', (error) => {
      if (session !== null) session.failure ??= error;
    });
    const assertBound = watchLogin(client, parts, connection.name);
    try {
      await client.connect();
      assertBound();
      const answer = await within(
        parts.connectTimeout ?? limits.connect,
        client.query<string[]>({
          text: `select pg_backend_pid(), (select ${BACKEND_START} from pg_stat_get_activity(pg_backend_pid())),
          current_setting('server_version'), pg_is_in_recovery(), current_setting('transaction_read_only'),
          ${settings}`,
          rowMode: 'array',
        }),
      );
      const [pid, backendStart = '', version = '', recovers, readOnly] = answer.rows[0] ?? [];
      assertVersion(connection.name, version);
      const standby = recovers === 't';
      assertKind(parts.serverKind, { standby, readOnly: readOnly === 'on', name: connection.name });
      const endPoint = { host, port, database, user, version };
      const { name } = connection;
      const kept = keep ?? null;
      session = new PgSession(client, name, Number(pid), backendStart, endPoint, standby, settings, kept);
      session.watch({ ...config, application_name: `${application}: probe` }, limits);
      return session;
    } catch (error) {
      hangUp(client);
      throw await refusedLogin(error, parts, connection.name);
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

  get pooled(): boolean {
    return this.namedPid !== this.pid;
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
      throw this.failed(error, `"${this.name}"`, sql);
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
    return answers.map((a, n) => (a instanceof Error ? asEtlError(a, `"${this.name}"`, statements[n]) : a));
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
      throw this.failed(error, `reading from "${this.name}"`, sql);
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
      throw this.failed(error, `writing to "${this.name}"`, sql);
    } finally {
      this.awaited--;
    }
  }

  /** Says goodbye, and does not wait for the answer of a server that gives none. */
  async close(): Promise<void> {
    if (!this.isLost) await within(GOODBYE, this.client.end()).catch(() => undefined);
    hangUp(this.client);
  }

  async release(): Promise<void> {
    if (this.keep === null || !(await this.cleared())) return this.close();
    this.keep(this);
  }

  /** Readies a released session for its next user. False where it is lost, and closed. */
  async begin(): Promise<boolean> {
    const ready = !this.isLost && (await this.did([`select ${this.settings}`]));
    if (!ready) hangUp(this.client);
    return ready;
  }

  /** Takes back what was done on the session, locks, tables and settings. False where it could not. */
  private async cleared(): Promise<boolean> {
    if (this.isLost || this.volley !== null || this.awaited > 0 || this.copy?.isUnderWay === true)
      return false;
    const isOpen = this.client.getTransactionStatus() !== 'I';
    return this.did([...(isOpen ? ['rollback'] : []), 'discard all']);
  }

  private async did(statements: readonly string[]): Promise<boolean> {
    try {
      const answers = await within(GOODBYE, this.queries(statements));
      return !answers.some((answer) => answer instanceof Error);
    } catch {
      return false;
    }
  }

  /** An error in words. The server has said goodbye before the socket's end is seen. */
  private failed(error: unknown, where: string, sql: string): EtlError {
    if (error instanceof Error && endsConnection(error)) this.failure ??= error;
    return asEtlError(error, where, sql);
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
      reject(Object.assign(new Error(SILENT), { code: 'ETIMEDOUT' }));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer.at);
  }
}
