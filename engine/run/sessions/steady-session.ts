import { EtlError } from '../../contract/errors.js';
import type { CommandTag, Ordered, QueryRows, Session } from '../../contract/session.js';
import { endBackend } from '../../postgres/backend.js';
import { standbyTarget } from '../../postgres/failure.js';
import { behind, lastLine, openEnd, orderTexts } from '../../postgres/keyset.js';
import { TriedEnough, type Retries } from './retries.js';

export interface SteadyInputs {
  /** Opens the connection, once. */
  readonly open: () => Promise<Session>;
  /** What it is used with: a snapshot, temporary tables. */
  readonly prepare?: (session: Session) => Promise<void>;
  readonly retries: Retries;
  /** Whether every query may be done twice; else only its user knows what may, and asks for {@link SteadySession.renew}. */
  readonly repeats: boolean;
  /** What was lost may hold locks, or commit yet: its process is ended before the new one is prepared. */
  readonly writes: boolean;
  /** Errors that are not tried again, though they may pass for others. */
  readonly isHopeless?: (error: unknown) => boolean;
}

/**
 * A session that outlives its connection. Where it repeats, a query is asked again on a new one, and a copy that has an
 * order goes on behind the last row that it gave.
 */
export class SteadySession implements Session {
  private renewing: Promise<void> | null = null;
  /** Connections that it has had: what a user made of the one before, temporary tables and all, is gone with it. */
  connections = 1;

  private constructor(
    private readonly inputs: SteadyInputs,
    private now: Session,
  ) {}

  static async open(inputs: SteadyInputs): Promise<SteadySession> {
    const first = await inputs.retries.run(
      'no connection',
      () => opened(inputs, null),
      () => Promise.resolve(),
    );
    return new SteadySession(inputs, first);
  }

  get pid(): number {
    return this.now.pid;
  }

  get backendStart(): string {
    return this.now.backendStart;
  }

  get isLost(): boolean {
    return this.now.isLost;
  }

  get pooled(): boolean {
    return this.now.pooled === true;
  }

  /** Opens a new connection in place of the one at hand; once, however many ask for it. */
  renew(): Promise<void> {
    this.renewing ??= this.replace().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async replace(): Promise<void> {
    await this.now.close();
    this.now = await opened(this.inputs, this.now);
    this.connections++;
  }

  query(sql: string, values?: readonly (string | number | null)[]): Promise<QueryRows> {
    return this.again((session) => session.query(sql, values));
  }

  queries(statements: readonly string[]): Promise<readonly (QueryRows | EtlError)[]> {
    return this.now.queries(statements);
  }

  private again<T>(ask: (session: Session) => Promise<T>): Promise<T> {
    const { retries, repeats } = this.inputs;
    if (!repeats) return ask(this.now);
    let asked = this.now;
    return retries.run(
      'the connection is lost',
      () => {
        asked = this.now;
        return ask(asked).catch((error: unknown) => {
          throw this.told(error);
        });
      },
      // Another question may have met the loss first.
      () => (this.now === asked ? this.renew() : Promise.resolve()),
    );
  }

  copyOut(sql: string, ordered?: Ordered): AsyncIterable<Buffer> {
    return ordered === undefined || !this.inputs.repeats ? this.now.copyOut(sql) : this.copyOn(sql, ordered);
  }

  /** Rows that others like them may follow are held back until one comes that is not: what was given stays given. */
  private async *copyOn(sql: string, ordered: Ordered): AsyncIterable<Buffer> {
    const streak = this.inputs.retries.streak('reading was cut off');
    let given: Buffer | null = null;
    let isBroken = false;
    for (;;) {
      let held: Buffer[] = [];
      try {
        if (isBroken) await this.renew();
        isBroken = false;
        const rest: string =
          given === null ? sql : ordered.only(behind(ordered.by, orderTexts(ordered, lastLine(given))));
        for await (const chunk of this.now.copyOut(rest)) {
          streak.succeeded();
          const at = openEnd(ordered, chunk);
          const whole = at === 0 ? null : chunk.subarray(0, at);
          const last = held.at(-1);
          if (last !== undefined && !(at === 0 && followsOn(ordered, last, chunk))) {
            const before = Buffer.concat(held);
            held = [];
            given = last;
            yield before;
          }
          if (whole !== null) {
            given = whole;
            yield whole;
          }
          if (at < chunk.length) held.push(chunk.subarray(at));
        }
        if (held.length > 0) yield Buffer.concat(held);
        return;
      } catch (error) {
        isBroken = true;
        await streak.failed(this.told(error));
      }
    }
  }

  private told(error: unknown): unknown {
    if (this.inputs.isHopeless?.(error) !== true || !(error instanceof EtlError)) return error;
    const { message, exitCode, help } = error;
    return new TriedEnough(message, { exitCode, cause: error, ...(help === undefined ? {} : { help }) });
  }

  script(sql: string, payloads: readonly Buffer[]): Promise<readonly CommandTag[]> {
    return this.now.script(sql, payloads);
  }

  async close(): Promise<void> {
    await this.renewing?.catch(() => undefined);
    await released(this.now);
  }
}

const released = (session: Session): Promise<void> => session.release?.() ?? session.close();

/** A new connection, ready for use. @param old the one before it */
async function opened({ open, prepare, writes }: SteadyInputs, old: Session | null): Promise<Session> {
  const session = await open();
  try {
    if (writes && session.standby === true) throw standbyTarget();
    if (writes && old !== null) await endBackend(session, old);
    await prepare?.(session);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Whether a chunk of equal rows is of those that were held back. */
function followsOn(ordered: Ordered, before: Buffer, chunk: Buffer): boolean {
  const [one, other] = [before, chunk].map((rows) => orderTexts(ordered, lastLine(rows)));
  return one?.every((text, n) => text === other?.[n]) ?? false;
}
