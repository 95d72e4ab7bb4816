import type { BatchOutcome } from '../../contract/batch.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { memoryKeyMap } from '../../resolve/choose.js';
import { StepBook } from '../../state/steps.js';
import type { BatchBuilder } from '../rows/batch.js';
import type { RunContext } from '../context.js';
import { KeyAccess } from '../keys/key-access.js';
import { rangeStream } from '../range-load.js';
import { WHOLE } from '../read/ranges.js';
import { streamRows } from '../rows/stream.js';
import { asCompared, type CompareNeeds, type Comparison } from './compare.js';
import type { CompareSessions } from './compare-sessions.js';

const NONE = { inserts: new Map(), updates: new Map() };

/**
 * What a mapping would load of a source whose rows cannot be told from others: counts alone. Nothing is written.
 * @param known see {@link CompareNeeds}: rows that the target has refused and nothing has made good
 */
export async function countUnordered(
  context: RunContext,
  loaded: CompiledMapping,
  { reader, target }: CompareSessions,
  known: CompareNeeds['known'],
): Promise<Pick<Comparison, 'read' | 'skipped' | 'rejected'>> {
  const compiled = asCompared(loaded);
  const retries = context.retriesOf(compiled.mapping.name);
  const keys = new KeyAccess(context, target, retries);
  const own = memoryKeyMap([], []);
  const parts = {
    context,
    compiled,
    existing: { own, known: null, merge: null, orders: [], brought: null, close: () => Promise.resolve() },
    wantsKeys: false,
    expected: 0,
    rejected: null,
    emptying: null,
    only: null,
    retries,
    stop: context.stop,
    fellows: null,
  };
  let refused = 0;
  const load = (batch: BatchBuilder): Promise<BatchOutcome> => {
    for (const key of batch.insertKeys()) if (known.has(key)) refused++;
    return Promise.resolve({ inserted: batch.inserts.count, updated: 0, unchanged: 0, refused: NONE });
  };
  try {
    const book = new StepBook(context.schema, context.handle, compiled.mapping.name);
    const stream = await rangeStream(parts, WHOLE, { reader, target, keys, book }, null);
    await streamRows({ ...stream, loader: { load }, ids: null, keyMap: null, onBatch: () => undefined });
    const { read, skipped, rejected } = stream.tally;
    return { read, skipped, rejected: rejected + refused };
  } finally {
    await keys.close();
  }
}
