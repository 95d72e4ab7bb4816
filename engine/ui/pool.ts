import { setTimeout as wait } from 'node:timers/promises';
import pLimit from 'p-limit';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { beginReading, endReading } from '../state/reading.js';
import type { Site, Target } from './site.js';

/** Connections at the most, whatever number of pages is open. */
const SESSIONS = 3;

/** Questions that may wait for a connection; whoever comes then is told to ask again. */
const WAITING = 100;

/** Milliseconds that an answer may take the server. */
const STATEMENT_MS = 20_000;

/** Milliseconds without a question after which connections are given up: of a server that others wait for, soon. */
const IDLE_MS = 60_000;
const EXCLUSIVE_MS = 1000;

/**
 * Whatever is asked, others get a server that they wait for after so many milliseconds, and find it free for so many: they
 * look every 200 ms, for 4 seconds (`cli/databases.ts`).
 */
const HELD_MS = 2000;
const GAP_MS = 500;

/** Reads the state over a few connections, each question in a transaction that reads as of one moment. */
export class StatePool {
  private readonly limit = pLimit(SESSIONS);
  private readonly idle: Session[] = [];
  private target: Promise<Target | null> | null = null;
  private isExclusive = false;
  private heldSince = 0;
  private givingWay: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  /** An embedded server that stops has to be gone before it is started again. */
  private closing: Promise<void> = Promise.resolve();

  constructor(private readonly site: Site) {}

  /** Other commands wait as long as the connections are open. */
  get exclusive(): boolean {
    return this.isExclusive;
  }

  /**
   * Does something in a reading transaction; null where there is no state yet.
   * @param work `schema` is quoted
   * @throws EtlError exit 2 where the state is another version's, 3 where it cannot be read now
   */
  async read<T>(
    work: (session: Session, schema: string) => Promise<T>,
  ): Promise<{ readonly value: T } | null> {
    if (this.limit.pendingCount >= WAITING) {
      throw new EtlError('too many questions at once', {
        exitCode: EXIT.transient,
        help: 'ask again in a moment',
      });
    }
    if (this.isExclusive && Date.now() - this.heldSince > HELD_MS) {
      this.givingWay ??= this.giveWay().finally(() => (this.givingWay = null));
    }
    if (this.givingWay !== null) await this.givingWay;
    if (this.timer !== null) clearTimeout(this.timer);
    try {
      return await this.limit(() => this.once(work));
    } finally {
      this.rest();
    }
  }

  /** Ends what is under way, and lets whoever waits for the server have it. */
  private async giveWay(): Promise<void> {
    while (this.limit.activeCount + this.limit.pendingCount > 0) await wait(20);
    await this.close();
    await wait(GAP_MS);
  }

  private async once<T>(
    work: (session: Session, schema: string) => Promise<T>,
  ): Promise<{ readonly value: T } | null> {
    const waited = this.idle.length > 0;
    const session = await this.take();
    if (session === null) return null;
    try {
      const schema = await beginReading(session, this.site.project.stateSchema);
      const value = schema === null ? null : { value: await work(session, schema) };
      await endReading(session);
      this.idle.push(session);
      return value;
    } catch (error) {
      // Whatever it is in, nobody else gets it; of a lost one the others are lost, too.
      await session.close();
      if (!session.isLost) throw error;
      await this.close();
      // One that lay idle may have been lost long ago; of a new one the server is away.
      if (!waited) throw error;
      return this.once(work);
    }
  }

  private async take(): Promise<Session | null> {
    for (let session = this.idle.pop(); session !== undefined; session = this.idle.pop()) {
      if (!session.isLost) return session;
    }
    await this.closing;
    this.target ??= this.site.open();
    try {
      const target = await this.target;
      if (target === null) {
        this.target = null;
        return null;
      }
      if (target.exclusive && !this.isExclusive) this.heldSince = Date.now();
      this.isExclusive = target.exclusive;
      const session = await target.session();
      await session.query(`set statement_timeout = ${String(STATEMENT_MS)}`);
      return session;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Gives up what nobody has asked for some time. */
  private rest(): void {
    if (this.limit.activeCount + this.limit.pendingCount > 0 || this.target === null) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.close(), this.isExclusive ? EXCLUSIVE_MS : IDLE_MS).unref();
  }

  async close(): Promise<void> {
    const { target, closing } = this;
    this.target = null;
    if (this.timer !== null) clearTimeout(this.timer);
    const sessions = this.idle.splice(0);
    this.closing = closing.then(async () => {
      await Promise.allSettled(sessions.map((session) => session.close()));
      await (await target?.catch(() => null))?.close();
      this.isExclusive = false;
    });
    await this.closing;
  }
}
