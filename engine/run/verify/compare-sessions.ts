import type { CompiledMapping } from '../../contract/compiled.js';
import { notesLost } from '../../postgres/failure.js';
import type { RunContext } from '../context.js';
import { TriedEnough, type Retries } from '../sessions/retries.js';
import { openAsking, openSource } from '../sessions/sessions.js';

/** Sessions of a comparison: both are asked further when it is over. */
export interface CompareSessions {
  readonly reader: Awaited<ReturnType<typeof openSource>>;
  /** Holds the notes, and decides what is equal. */
  readonly target: Awaited<ReturnType<typeof openAsking>>;
}

/**
 * Does the work of a comparison, which reads, with sessions of its own; again from the start where the connection was lost
 * that held its notes.
 */
export async function withSessions<T>(
  context: RunContext,
  compiled: CompiledMapping,
  work: (sessions: CompareSessions) => Promise<T>,
): Promise<T> {
  const retries = context.retriesOf(compiled.mapping.name);
  const once = (): Promise<T> => onSessions(context, compiled, retries, work);
  // A dry run is one connection's transaction.
  if (context.dryRun) return once();
  return retries.run('comparing was cut off', once, () => Promise.resolve());
}

async function onSessions<T>(
  context: RunContext,
  { mapping }: CompiledMapping,
  retries: Retries,
  work: (sessions: CompareSessions) => Promise<T>,
): Promise<T> {
  const reader = await openSource(context, mapping.source.connection.value, retries);
  try {
    const target = await openAsking(context, retries);
    try {
      return await work({ reader, target });
    } catch (error) {
      throw target.connections > 1 && !(error instanceof TriedEnough) ? notesLost(error) : error;
    } finally {
      await target.close();
    }
  } finally {
    await reader.close();
  }
}
