import type { Session } from '../../contract/session.js';
import { sqlstateOf } from '../../postgres/failure.js';
import { openReader } from '../../postgres/source.js';
import type { StepBook } from '../../state/steps.js';
import type { RunContext } from '../context.js';
import type { OnSession } from '../lookups.js';
import type { Retries } from './retries.js';
import { SteadySession } from './steady-session.js';

const LOCK_NOT_AVAILABLE = '55P03';

/** A session in the run's snapshot of a source. Reads the same whatever becomes of its connection. */
export const openSource = (
  { onceSource, snapshots }: Pick<RunContext, 'onceSource' | 'snapshots'>,
  source: string,
  retries: Retries,
): Promise<SteadySession> =>
  SteadySession.open({
    open: () => onceSource(source),
    prepare: (session) => openReader(session, snapshots.get(source) ?? ''),
    retries,
    repeats: true,
    writes: false,
    // Whoever wants a table for himself waits for the keeper of the snapshot, and this session behind him.
    isHopeless: (error) => sqlstateOf(error) === LOCK_NOT_AVAILABLE,
  });

/** Does works with sessions in the run's snapshots of other sources, each of which it closes. */
export const onSources =
  (context: Pick<RunContext, 'onceSource' | 'snapshots'>, retries: Retries): OnSession =>
  async (source, work) => {
    const session = await openSource(context, source, retries);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  };

/** A session of the target that asks for what is committed, or for ids. */
export const openAsking = ({ once }: RunContext, retries: Retries): Promise<SteadySession> =>
  SteadySession.open({ open: () => once('target'), retries, repeats: true, writes: false });

/** A session of the target as those that write use it: its process stands in the mapping's step. */
export const openTarget = (
  { once, dryRun }: RunContext,
  book: StepBook,
  retries: Retries,
): Promise<SteadySession> =>
  SteadySession.open({
    open: () => once('target'),
    prepare: async (session: Session) => {
      // A dry run is one transaction, idle while a source sorts.
      if (!dryRun) await session.query("set idle_in_transaction_session_timeout = '10min'");
      await book.announce(session);
    },
    retries,
    repeats: false,
    writes: true,
  });
