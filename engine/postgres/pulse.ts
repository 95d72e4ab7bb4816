import pg from 'pg';
import { BACKEND_START } from './backend.js';
import { sqlstateOf } from './failure.js';

/**
 * What a second connection finds out about the server's process behind a connection on which nothing moves.
 *
 * - `busy`: it is at work on what it was asked; a sort or an index gives no bytes for a long time;
 * - `waits`: it has nothing to do, or waits for this end: what one of both has sent does not arrive;
 * - `gone`: there is no such process any more;
 * - `unreachable`: the server does not answer the second connection either;
 * - `unknown`: it answers, and lets nobody in.
 */
export type Pulse = 'busy' | 'waits' | 'gone' | 'unreachable' | 'unknown';

const SQL = `select state, wait_event_type from pg_stat_activity where pid = $1 and ${BACKEND_START} = $2`;

/** Looks at a process of the server, within `ms`. Never throws. */
export async function takePulse(
  config: pg.ClientConfig,
  pid: number,
  backendStart: string,
  ms: number,
): Promise<Pulse> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: ms, query_timeout: ms });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<(string | null)[]>({
      text: SQL,
      values: [pid, backendStart],
      rowMode: 'array',
    });
    const [row] = rows;
    if (row === undefined) return 'gone';
    const [state, waitsFor] = row;
    return (state === 'active' || state === 'fastpath function call') && waitsFor !== 'Client'
      ? 'busy'
      : 'waits';
  } catch (error) {
    return sqlstateOf(error) === null ? 'unreachable' : 'unknown';
  } finally {
    // Not waited for: the connection may be as dead as the one that is asked about.
    void client.end().catch(() => undefined);
    const { stream } = (client as unknown as { connection: { stream: { destroySoon(): void } } }).connection;
    stream.destroySoon();
  }
}
