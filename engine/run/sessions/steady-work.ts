import { keepsConnection } from '../../postgres/failure.js';
import type { Retries, Streak } from './retries.js';
import type { SteadySession } from './steady-session.js';

/** A transaction whose commit was not answered. */
interface Doubt {
  readonly transaction: string;
  /** Tells this process what is committed. */
  readonly done: () => void;
}

/**
 * Work in transactions on one session, done again where a connection is lost or the server has rolled one back. What it
 * keeps in memory of a transaction follows it: whether one took place whose commit was not answered is asked of the server.
 */
export class SteadyWork {
  private readonly streak: Streak;
  private isBroken = false;
  private doubt: Doubt | null = null;
  private undos: (() => void)[] = [];

  /** @param what for messages: `a second pass was cut off` */
  constructor(
    private readonly session: SteadySession,
    retries: Retries,
    what: string,
  ) {
    this.streak = retries.streak(what);
  }

  /**
   * Does work of any number of transactions that, begun anew, goes on behind what is committed.
   * @throws EtlError exit 3 when the tries are used up
   */
  through(work: () => Promise<void>): Promise<void> {
    return this.again(work, () => false);
  }

  /** Does work of one transaction. @throws as {@link through} */
  once(work: () => Promise<void>): Promise<void> {
    return this.again(work, (committed) => committed);
  }

  /** To be done where the transaction at hand does not take place; the last first. */
  ifTakenBack(undo: () => void): void {
    this.undos.push(undo);
  }

  /** @param sql the transaction's last statements @param done tells this process what is committed */
  async commit(sql: string, done: () => void): Promise<void> {
    const { rows } = await this.session.query(`${sql}; select txid_current()`);
    this.doubt = { transaction: rows[0]?.[0] ?? '', done };
    await this.session.query('commit');
    this.settle(true);
    this.streak.succeeded();
  }

  /** @param isEnough whether that a commit took place unseen is all there is to do */
  private async again(work: () => Promise<void>, isEnough: (committed: boolean) => boolean): Promise<void> {
    for (;;) {
      try {
        if (isEnough(await this.mend())) return;
        await work();
        return;
      } catch (error) {
        this.isBroken ||= this.session.isLost || !keepsConnection(error);
        await this.session.query('rollback').catch(() => undefined);
        await this.failed(error);
      }
    }
  }

  private async failed(error: unknown): Promise<void> {
    try {
      await this.streak.failed(error);
    } catch (final) {
      this.settle(false);
      throw final;
    }
  }

  /** @returns whether a transaction took place of which that was not known */
  private async mend(): Promise<boolean> {
    if (this.isBroken) await this.session.renew();
    this.isBroken = false;
    const { doubt } = this;
    let committed = false;
    if (doubt !== null) {
      // Its process is gone: nothing is under way any more.
      const { rows } = await this.session.query('select txid_status($1::bigint)', [doubt.transaction]);
      committed = rows[0]?.[0] === 'committed';
    }
    this.settle(committed);
    return committed;
  }

  private settle(committed: boolean): void {
    const { doubt, undos } = this;
    this.doubt = null;
    this.undos = [];
    if (committed) doubt?.done();
    else for (const undo of undos.reverse()) undo();
  }
}
