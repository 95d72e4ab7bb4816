import { Row } from '../../compile/program/row.js';
import type { WantedKey } from '../../compile/program/parts.js';
import type { Stopwatch } from '../stopwatch.js';
import type { BatchedKeyMap } from '../../resolve/batched-key-map.js';

/** Bytes of rows whose keys are asked for at a time: a journey to the target and back each. */
const BYTES = 1 << 20;

/**
 * Passes chunks of whole rows on, many as one, when the keys that their rows name have been fetched: nothing of the
 * next rows is asked for before the ones at hand have been made.
 */
export async function* withKeys(
  chunks: AsyncIterable<Buffer>,
  width: number,
  wanted: readonly WantedKey[],
  watch: Stopwatch | null = null,
): AsyncIterable<Buffer> {
  const fetchKeys = async (rows: Buffer): Promise<void> => {
    watch?.enter('resolution');
    await keysOf(rows, row, wanted);
    watch?.enter('source');
  };
  const row = new Row(width);
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < BYTES) continue;
    const rows = Buffer.concat(waiting);
    waiting = [];
    size = 0;
    await fetchKeys(rows);
    yield rows;
  }
  if (size === 0) return;
  const rows = Buffer.concat(waiting);
  await fetchKeys(rows);
  yield rows;
}

async function keysOf(rows: Buffer, row: Row, wanted: readonly WantedKey[]): Promise<void> {
  const keys = new Map<BatchedKeyMap, Set<string>>(wanted.map(({ map }) => [map, new Set()]));
  row.open(rows);
  while (row.next()) {
    for (const { map, key } of wanted) {
      const named = key(row);
      if (named !== null) keys.get(map)?.add(named);
    }
  }
  await Promise.all([...keys].map(([map, named]) => map.prefetch(named)));
}
