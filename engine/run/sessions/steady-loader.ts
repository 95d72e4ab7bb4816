import type { Batch, BatchOutcome, Refusals } from '../../contract/batch.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { keepsConnection } from '../../postgres/failure.js';
import { Loader } from '../../postgres/loader.js';
import type { StepBook, StepCounts } from '../../state/steps.js';
import type { RunContext } from '../context.js';
import type { Part } from '../../postgres/message.js';
import type { Retries } from './retries.js';
import type { SteadySession } from './steady-session.js';

/** A batch that may be committed: what was before it, and what the target has refused of it. */
interface Doubt {
  readonly before: StepCounts;
  readonly refused: Refusals;
}

const NO_ROWS = { lines: Buffer.alloc(0), count: 0 };

/** A batch of no rows. */
const NOTHING: Batch = {
  inserts: NO_ROWS,
  updates: NO_ROWS,
  unchanged: 0,
  asides: () => [],
  counts: () => ({ read: 0, skipped: 0, rejected: 0, bytes: 0, bytesRead: 0 }),
  assertAllowed: () => undefined,
  lastKey: null,
};

/**
 * A loader that outlives its connection: a batch that could not be committed for what may pass is loaded again, one
 * whose commit was not answered only where it did not take place.
 */
export class SteadyLoader {
  private loader: Loader;
  /** The connection must be opened anew. */
  private isBroken = false;
  /** Those of the session when {@link loader} was made. */
  private connections = 0;
  /** Of the batch at hand. */
  private doubt: Doubt | null = null;

  constructor(
    private readonly context: RunContext,
    private readonly compiled: CompiledMapping,
    private readonly target: SteadySession,
    private readonly book: StepBook,
    private readonly retries: Retries,
    /** What the first batch's transaction begins with; null for nothing. */
    private opening: readonly Part[] | null,
  ) {
    this.loader = this.make();
  }

  private make(): Loader {
    const { context, compiled, target, book } = this;
    this.connections = target.connections;
    const meter = context.meterOf(compiled.mapping.name);
    const { partition } = book;
    const checkpoint = { ...context.handle, partition, measure: () => meter.measure(partition) };
    return new Loader(target, compiled, context.schema, checkpoint, this.opening ?? []);
  }

  /** To be told when the table's constraints were dropped or put back. */
  constraintsChanged(): void {
    this.loader.constraintsChanged();
    // Late rejects were taken out of the counts.
    this.book.forget();
  }

  /** What a batch came to whose commit was not answered; null where there is no doubt, or it did not take place. */
  private answered(): Promise<BatchOutcome | null> {
    const { doubt } = this;
    return doubt === null ? Promise.resolve(null) : this.answerOf(doubt);
  }

  /** As {@link Loader.load}. @throws EtlError exit 3 when the tries are used up */
  async load(batch: Batch): Promise<BatchOutcome> {
    const streak = this.retries.streak('loading a batch failed');
    this.doubt = null;
    for (;;) {
      try {
        await this.mend();
        const answered = await this.answered();
        if (answered !== null) this.opened();
        const done = answered ?? (await this.once(batch));
        this.opening = null;
        return done;
      } catch (error) {
        this.isBroken ||= this.isLost(error);
        await streak.failed(error);
      }
    }
  }

  /** A batch was committed unseen: the loader that was made for trying it again must not open the table again. */
  private opened(): void {
    if (this.opening === null) return;
    this.opening = null;
    this.loader = this.make();
  }

  /** Commits the opening where no batch has come to do it. */
  async open(): Promise<void> {
    if (this.opening !== null) await this.load(NOTHING);
  }

  private async mend(): Promise<void> {
    if (this.isBroken) await this.target.renew();
    this.isBroken = false;
    // Others work on the session, too: who brings constraints back may have opened it anew.
    if (this.connections !== this.target.connections) this.loader = this.make();
  }

  private async once(batch: Batch): Promise<BatchOutcome> {
    const { book, loader } = this;
    this.doubt = null;
    const before = await book.committed(this.target);
    try {
      const outcome = await loader.load(batch);
      book.add(outcome);
      return outcome;
    } catch (error) {
      if (this.isLost(error)) this.doubt = { before, refused: loader.sent };
      throw error;
    }
  }

  private isLost(error: unknown): boolean {
    return this.target.isLost || !keepsConnection(error);
  }

  /** What came of a batch whose answer was lost, when its process is gone; null where it is not committed. */
  private async answerOf({ before, refused }: Doubt): Promise<BatchOutcome | null> {
    const now = await this.book.read(this.target);
    if (now.batches === before.batches) return null;
    return {
      inserted: now.inserted - before.inserted,
      updated: now.updated - before.updated,
      unchanged: now.unchanged - before.unchanged,
      refused,
    };
  }
}
