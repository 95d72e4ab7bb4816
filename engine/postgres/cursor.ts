import { escapeCopy } from '../contract/copy-text.js';
import type { QueryRows } from '../contract/session.js';

/** Bytes that one FETCH is meant to bring, and rows of the first and the largest. */
const BYTES = 1 << 20;
const FIRST = 100;
const MOST = 10_000;

/**
 * Reads a query's rows through a cursor, as chunks of COPY's text format.
 * @param ask runs one statement
 */
export async function* readCursor(
  name: string,
  sql: string,
  ask: (statement: string) => Promise<QueryRows>,
): AsyncIterable<Buffer> {
  await ask(`declare ${name} no scroll cursor for ${sql}`);
  try {
    for (let rows = FIRST; ;) {
      const answer = await ask(`fetch forward ${String(rows)} from ${name}`);
      if (answer.rows.length === 0) return;
      const chunk = Buffer.from(answer.rows.map(line).join(''));
      rows = Math.min(MOST, Math.max(1, Math.floor((rows * BYTES) / chunk.length)));
      yield chunk;
    }
  } finally {
    await ask(`close ${name}`).catch(() => undefined);
  }
}

const line = (row: readonly (string | null)[]): string =>
  `${row.map((text) => (text === null ? '\\N' : escapeCopy(text))).join('\t')}\n`;
