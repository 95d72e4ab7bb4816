import { unescapeCopy } from '../contract/copy-text.js';
import type { Session } from '../contract/session.js';

const value = (field: string): string | null => (field === '\\N' ? null : unescapeCopy(field));

/** A query's rows as texts, streamed; for what is no hot path: look-ups, key maps, second passes. */
export async function* copyRows(session: Session, sql: string): AsyncIterable<readonly (string | null)[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of session.copyOut(sql)) {
    const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = buffer.lastIndexOf(0x0a) + 1;
    rest = buffer.subarray(end);
    if (end === 0) continue;
    for (const line of buffer.toString('utf8', 0, end - 1).split('\n')) yield line.split('\t').map(value);
  }
}
