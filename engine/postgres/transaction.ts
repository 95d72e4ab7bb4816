import type { Session } from '../contract/session.js';
import { plain, send, type Answer, type Part } from './message.js';

/** One transaction after the other on a session, each begun and ended by what is sent with it. */
export class Transactions {
  private open = false;

  constructor(
    private readonly session: Session,
    /** What every transaction begins with; empty when the first of them is committed. */
    private opening: readonly Part[],
    /** What each begins with, behind that. */
    private readonly each: readonly Part[],
  ) {}

  /** Begins a transaction; one that has failed is rolled back in the same message. */
  begin(parts: readonly Part[]): Promise<Answer> {
    const before = [...(this.open ? [plain('rollback')] : []), plain('begin'), ...this.opening, ...this.each];
    this.open = true;
    return send(this.session, [...before, ...parts]);
  }

  /** Goes on in it. */
  next(parts: readonly Part[]): Promise<Answer> {
    return send(this.session, parts);
  }

  /** Says that it was committed. */
  ended(): void {
    this.open = false;
    this.opening = [];
  }

  /** Takes back what is open. */
  async rollback(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.session.query('rollback');
  }
}
