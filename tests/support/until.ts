import { setTimeout as wait } from 'node:timers/promises';
import { withClient } from '../../engine/embedded/roles.js';
import type { Child } from './project.js';

/** A table of the state that no run has made yet. */
const UNDEFINED_TABLE = '42P01';

type Row = Readonly<Record<string, unknown>>;

export interface Until {
  readonly params?: readonly unknown[];
  /** What of the answer's first row is waited for. Default: its `there` is true. */
  readonly holds?: (row: Row) => boolean;
  /** Nothing is waited for when it has ended. */
  readonly child?: Child;
}

/**
 * Asks a database every two milliseconds: over one connection, since a new one for each question would take the
 * processors from the run that is waited for. False where the child ended before.
 * @throws after a minute
 */
export async function until(
  url: string,
  sql: string,
  { params = [], holds = (row) => row['there'] === true, child }: Until = {},
): Promise<boolean> {
  const last = Date.now() + 60_000;
  return withClient(url, async (client) => {
    const ask = async (): Promise<Row | undefined> => {
      try {
        return (await client.query<Row>(sql, [...params])).rows[0];
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return undefined;
        throw error;
      }
    };
    while (child === undefined || (child.process.exitCode ?? child.process.signalCode) === null) {
      const row = await ask();
      if (row !== undefined && holds(row)) return true;
      if (Date.now() > last) throw new Error(`never: ${sql}`);
      await wait(2);
    }
    return false;
  });
}
