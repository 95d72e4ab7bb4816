import { setTimeout as wait } from 'node:timers/promises';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Emit } from '../../contract/events.js';
import { isAway, isRetryable } from '../../postgres/failure.js';
import { Stopped, type StopSignal } from '../stop.js';

/** How often, and how long, something is tried again. Milliseconds. */
export interface Patience {
  readonly tries: number;
  /** The first pause; each is twice the one before, up to `most`, less up to a half by chance. */
  readonly first: number;
  readonly most: number;
  /** After so long nothing is begun again. */
  readonly total: number;
  /** So many times the tries and the time for a server that is away or full: a restart for maintenance takes minutes. */
  readonly away?: number;
  /** Whether there is something that can be gone on with when the tries are used up. */
  readonly resumable: boolean;
}

export const PATIENCE: Patience = {
  tries: 5,
  first: 1000,
  most: 8000,
  total: 90_000,
  away: 4,
  resumable: true,
};

/** For a command's first connections: a server that is just starting, not one that is not there. */
export const AT_START: Patience = { tries: 2, first: 500, most: 1000, total: 10_000, resumable: false };

/** How often a pause looks whether the run is to stop. */
const LOOK_EVERY = 200;

/** What failed again and again: nobody tries it once more. */
export class TriedEnough extends EtlError {}

export interface RetryInputs {
  /** For messages: the mapping, or what else is at work. */
  readonly name: string;
  readonly emit: Emit;
  readonly stop: StopSignal;
  readonly patience: Patience;
}

/** What one piece of a run tries again, and how often it did. */
export class Retries {
  count = 0;
  /** Milliseconds that were waited before further tries. */
  pausedMs = 0;

  constructor(private readonly inputs: RetryInputs) {}

  /** Failures of one thing, one after the other. */
  streak(what: string): Streak {
    return new Streak(this.inputs, what, this);
  }

  /**
   * Does something that may be done twice, and again where it fails for what may pass.
   * @param mend before each further try: what was lost is opened anew; its own failures count as well
   * @throws EtlError exit 3 when the tries are used up
   */
  async run<T>(what: string, work: () => Promise<T>, mend: (error: unknown) => Promise<void>): Promise<T> {
    const streak = this.streak(what);
    let failure: { readonly error: unknown } | null = null;
    for (;;) {
      try {
        if (failure !== null) await mend(failure.error);
        failure = null;
        return await work();
      } catch (error) {
        failure = { error };
        await streak.failed(error);
      }
    }
  }
}

/** Failures one after the other, with pauses in between that grow. */
export class Streak {
  private failures = 0;
  private since = 0;

  constructor(
    private readonly inputs: RetryInputs,
    private readonly what: string,
    private readonly book: { count: number; pausedMs: number },
  ) {}

  /** It went on: what fails next is a first failure again. */
  succeeded(): void {
    this.failures = 0;
  }

  /**
   * Waits before the next try.
   * @throws the error itself where another try would not help; EtlError exit 3 when the tries are used up
   */
  async failed(error: unknown): Promise<void> {
    const { name, emit, stop, patience } = this.inputs;
    if (error instanceof TriedEnough || !isRetryable(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    // Of a run that is to stop, the batch at hand is tried once more.
    if (stop.requested && this.failures > 0) throw new Stopped(`${stop.reason}; ${this.what}: ${why}`);
    if (this.failures === 0) this.since = Date.now();
    this.failures++;
    const times = patience.away !== undefined && isAway(error) ? patience.away : 1;
    const tries = patience.tries * times;
    if (this.failures > tries || Date.now() - this.since > patience.total * times) {
      throw patience.resumable ? this.enough(error, why) : error;
    }
    const pause =
      Math.min(patience.most, patience.first * 2 ** (this.failures - 1)) * (1 - Math.random() / 2);
    const count = `${String(this.failures)} of ${String(tries)}`;
    const seconds = (pause / 1000).toFixed(1);
    emit({
      type: 'notice',
      level: 'warn',
      message: `${name}: ${this.what}: ${why}; trying again in ${seconds} s (${count})`,
    });
    this.book.count++;
    const end = Date.now() + pause;
    while (Date.now() < end && !this.isToStop()) {
      const began = performance.now();
      await wait(Math.min(LOOK_EVERY, Math.max(1, end - Date.now())));
      this.book.pausedMs += performance.now() - began;
    }
  }

  private isToStop(): boolean {
    return this.inputs.stop.requested;
  }

  private enough(error: unknown, why: string): TriedEnough {
    const help = error instanceof EtlError && error.help !== undefined ? `${error.help}; ` : '';
    const seconds = String(Math.round((Date.now() - this.since) / 1000));
    const tries = `tried ${String(this.failures)} times in ${seconds} s`;
    return new TriedEnough(`${this.what}: ${why} (${tries})`, {
      exitCode: EXIT.transient,
      help: `${help}what is committed stays: etl resume goes on where the run stopped`,
      cause: error,
    });
  }
}

/** Opens a connection, again and again where what keeps it from opening may pass. */
export const patiently =
  <T>(open: (connection: string) => Promise<T>, inputs: Omit<RetryInputs, 'name'>) =>
  (connection: string): Promise<T> =>
    new Retries({ ...inputs, name: connection }).run(
      'no connection',
      () => open(connection),
      () => Promise.resolve(),
    );
