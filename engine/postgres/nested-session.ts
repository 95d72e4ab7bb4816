import { EXIT, EtlError } from '../contract/errors.js';
import type { CommandTag, QueryRows, Session } from '../contract/session.js';
import { readCursor } from './cursor.js';
import { isRetryable } from './failure.js';
import { NestedTransactions, TAKE_BACK, type NestedWords, type Sent } from './nested-words.js';
import { splitStatements } from './statements.js';
import { Turns } from './turns.js';

const NOTHING: QueryRows = { columns: [], rows: [], count: 0 };

/** What may pass, told as what nobody tries again: the transaction is gone, or what it holds is in the way of others. */
const final = (error: unknown): EtlError =>
  new EtlError(error instanceof Error ? error.message : String(error), {
    exitCode: EXIT.transient,
    help: 'nothing stays of what was done in one transaction: begin it again',
  });

/** What the sessions share that work on one connection. */
export interface SharedConnection {
  readonly inner: Session;
  readonly turns: Turns;
  readonly words: NestedWords;
  /** A number that no other cursor has. */
  readonly nextCursor: () => number;
}

const textOf = (sent: readonly Sent[]): string => sent.map(({ sql }) => sql).join('; ');

/**
 * One of several sessions that take turns on one connection, inside of one transaction: each sees what the others
 * have written, a statement that fails takes back its own transaction alone, and while one's transaction is open the
 * others wait. `copyOut` reads through a cursor, so that others may write meanwhile: it gives what stood there at its
 * begin, as a COPY of another connection would.
 */
export class NestedSession implements Session {
  private readonly transactions: NestedTransactions;
  /** A session's own requests come one after the other, too. */
  private readonly own = new Turns();
  /** Ends the turn that an open transaction keeps. */
  private held: (() => void) | null = null;
  private hasTemporary = false;

  constructor(private readonly shared: SharedConnection) {
    this.transactions = new NestedTransactions(shared.words);
  }

  get pid(): number {
    return this.shared.inner.pid;
  }

  get backendStart(): string {
    return this.shared.inner.backendStart;
  }

  get isLost(): boolean {
    return this.shared.inner.isLost;
  }

  query(sql: string, values?: readonly (string | number | null)[]): Promise<QueryRows> {
    const statements = values === undefined ? splitStatements(sql) : [sql];
    return this.inTurn(() => this.ask(statements, values));
  }

  async queries(statements: readonly string[]): Promise<readonly (QueryRows | EtlError)[]> {
    const answers: (QueryRows | EtlError)[] = [];
    for (const statement of statements) {
      const answer = this.inTurn(() => this.ask([statement]));
      answers.push(
        await answer.catch((error: unknown) => {
          if (error instanceof EtlError) return error;
          throw error;
        }),
      );
    }
    return answers;
  }

  copyOut(sql: string): AsyncIterable<Buffer> {
    const name = `etl_read_${String(this.shared.nextCursor())}`;
    return readCursor(name, sql, (statement) => this.inTurn(() => this.ask([statement])));
  }

  script(sql: string, payloads: readonly Buffer[]): Promise<readonly CommandTag[]> {
    const statements = splitStatements(sql);
    return this.inTurn(async () => {
      const sent = this.translate(statements);
      const tags = sent.length === 0 ? [] : await this.shared.inner.script(textOf(sent), payloads);
      return statements.map((_, n) => {
        const tag = tags[sent.findIndex(({ answers }) => answers === n)];
        return tag ?? { command: '', count: 0, rows: [] };
      });
    });
  }

  /** Takes back what is open, and the session's temporary tables away: the connection stays. */
  async close(): Promise<void> {
    const end = this.transactions.isOpen ? ['rollback'] : [];
    const last = this.hasTemporary ? [...end, 'discard temp'] : end;
    this.hasTemporary = false;
    if (last.length > 0) await this.inTurn(() => this.ask(last)).catch(() => undefined);
  }

  private translate(statements: readonly string[]): readonly Sent[] {
    this.hasTemporary ||= statements.some((sql) => /^create\s.*\b(?:temp|pg_temp)\b/i.test(sql));
    return this.transactions.translate(statements);
  }

  /** Gives what the last of some statements answered; only a single one may have values. */
  private async ask(
    statements: readonly string[],
    values?: readonly (string | number | null)[],
  ): Promise<QueryRows> {
    const { inner } = this.shared;
    const sent = this.translate(statements);
    const last = sent.findLastIndex(({ answers }) => answers !== null);
    if (last < 0) return NOTHING;
    const [before, behind] = [sent.slice(0, last), sent.slice(last + 1)];
    if (values !== undefined && before.length > 0) await inner.query(textOf(before));
    const answer = await (values === undefined
      ? inner.query(textOf(sent.slice(0, last + 1)))
      : inner.query(sent[last]?.sql ?? '', values));
    if (behind.length > 0) await inner.query(textOf(behind));
    return answer;
  }

  /** Works while no other session does; what fails leaves nothing. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { inner, turns } = this.shared;
    const next = await this.own.take();
    const end = this.held ?? (await turns.take());
    this.held = null;
    try {
      return await work();
    } catch (error) {
      this.transactions.over();
      // Where the connection is lost there is nothing left to take back.
      await inner.query(TAKE_BACK).catch(() => undefined);
      throw isRetryable(error) ? final(error) : error;
    } finally {
      if (this.transactions.isOpen) this.held = end;
      else end();
      next();
    }
  }
}
