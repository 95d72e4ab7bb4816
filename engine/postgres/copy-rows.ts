import { unescapeCopy } from '../contract/copy-text.js';
import type { Session } from '../contract/session.js';

const value = (field: string): string | null => (field === '\\N' ? null : unescapeCopy(field));

/** A query's rows as texts, streamed; for what is no hot path: look-ups, key maps, second passes. */
export async function* copyRows(session: Session, sql: string): AsyncIterable<readonly (string | null)[]> {
  for await (const chunk of session.copyOut(sql)) {
    const lines = chunk.toString('utf8', 0, chunk.length - 1).split('\n');
    for (const line of lines) yield line.split('\t').map(value);
  }
}
