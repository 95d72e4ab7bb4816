import type { EtlError } from '../../contract/errors.js';
import type { Emit } from '../../contract/events.js';
import type { Session } from '../../contract/session.js';
import { retakeLock } from '../../state/lock.js';
import type { RunHandle } from '../../state/store.js';
import type { RunPorts } from '../ports.js';
import { Retries, type Patience } from './retries.js';
import { SteadySession } from './steady-session.js';
import { StopSignal } from '../stop.js';

/** Milliseconds between two questions whether the connection is there. */
const HEARTBEAT = 5000;

export interface KeeperInputs {
  readonly ports: RunPorts;
  readonly schema: string;
  readonly project: string;
  readonly emit: Emit;
  readonly stop: StopSignal;
  readonly patience: Patience;
}

/**
 * The run's own connection to the target, which holds the project's lock. Where it is lost, the lock is taken again
 * while the run is still the one that is under way; else another may have begun, and the run stops.
 */
export class Keeper {
  private timer: NodeJS.Timeout | null = null;
  private failure: unknown = null;

  private constructor(
    private readonly inputs: KeeperInputs,
    readonly session: SteadySession,
    private readonly run: { handle: RunHandle | null },
  ) {}

  static async open(inputs: KeeperInputs): Promise<Keeper> {
    const { ports, schema, project, emit, patience } = inputs;
    const run: { handle: RunHandle | null } = { handle: null };
    let isFirst = true;
    const session = await SteadySession.open({
      open: () => ports.open('target'),
      prepare: async (next: Session) => {
        // The first connection's lock is the store's to take.
        if (isFirst) isFirst = false;
        else await retakeLock(next, schema, project, run.handle);
      },
      // Also of a run that is to stop: it writes down how far it came.
      retries: new Retries({ name: 'the run’s own connection', emit, stop: new StopSignal(), patience }),
      // What comes before the run is written down is not made for being done twice.
      get repeats() {
        return run.handle !== null;
      },
      writes: true,
    });
    return new Keeper(inputs, session, run);
  }

  /** From now on the connection's loss is looked for. */
  watch(handle: RunHandle): void {
    this.run.handle = handle;
    const beat = (): void => {
      this.timer = setTimeout(() => {
        this.session.query('select 1').then(beat, (error: unknown) => {
          this.failure = error;
          this.inputs.stop.request('the run’s own connection to the target is lost');
        });
      }, HEARTBEAT).unref();
    };
    beat();
  }

  /** @throws EtlError where the connection was lost for good: what the run has come to cannot be written down */
  assertKept(): void {
    if (this.failure !== null) throw this.failure as EtlError;
  }

  async close(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    await this.session.close();
  }
}
