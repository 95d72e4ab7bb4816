import type { Session } from '../contract/session.js';
import { NestedSession, type SharedConnection } from './nested-session.js';
import { nestedWords } from './nested-words.js';
import { Turns } from './turns.js';

/** The constraints that a commit checks of their own accord, and whether any can be made to wait. */
const DEFERRABLE = `
  select coalesce(json_agg(name) filter (where deferred), '[]'), count(*) from (
    select format('%I.%I', n.nspname, c.conname) as name, bool_or(c.condeferred) as deferred
    from pg_constraint c join pg_namespace n on n.oid = c.connamespace
    group by 1 having bool_and(c.condeferrable)) d`;

/**
 * One transaction on one connection that is never committed, and any number of sessions inside of it. Whatever
 * becomes of the process, the server takes everything back; only sequences have moved on.
 */
export class OneTransaction {
  private constructor(private readonly shared: SharedConnection) {}

  /** @param inner of its own for this; closed by {@link end}, or where the transaction cannot be begun */
  static async begin(inner: Session): Promise<OneTransaction> {
    try {
      // A cursor is read to its end: the plan of the whole is wanted, not the one of the first rows.
      await inner.query(`set statement_timeout = 0; set idle_in_transaction_session_timeout = 0;
        set cursor_tuple_fraction = 1; begin`);
      const [found] = (await inner.query(DEFERRABLE)).rows;
      const deferred = JSON.parse(found?.[0] ?? '[]') as string[];
      const words = nestedWords(deferred, Number(found?.[1] ?? 0) > 0);
      if (words.commit.length > 1) await inner.query('set constraints all immediate');
      let cursors = 0;
      return new OneTransaction({ inner, words, turns: new Turns(), nextCursor: () => ++cursors });
    } catch (error) {
      await inner.close();
      throw error;
    }
  }

  open(): Session {
    return new NestedSession(this.shared);
  }

  /** Makes everything last; {@link end} then only closes. */
  async commit(): Promise<void> {
    await this.shared.inner.query('commit');
  }

  /** Takes everything back. */
  async end(): Promise<void> {
    await this.shared.inner.query('rollback').catch(() => undefined);
    await this.shared.inner.close();
  }
}
