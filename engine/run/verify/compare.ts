import type { BoundReference, CompiledColumn, CompiledMapping } from '../../contract/compiled.js';
import { sensitiveColumns } from '../../compile/program/program.js';
import { keyJson } from '../../compile/program/origin.js';
import type { Row } from '../../compile/program/row.js';
import { memoryKeyMap } from '../../resolve/choose.js';
import { StepBook } from '../../state/steps.js';
import type { RunContext } from '../context.js';
import { KeyAccess } from '../keys/key-access.js';
import { WHOLE } from '../read/ranges.js';
import { rangeStream } from '../range-load.js';
import { openAsking } from '../sessions/sessions.js';
import { streamRows } from '../rows/stream.js';
import { ComparingMerge } from './comparing-merge.js';
import type { CompareSessions } from './compare-sessions.js';
import { comparedColumns, Findings } from './findings.js';
import { Looker } from './looker.js';
import { Notes } from './notes.js';
import { holdUtf8, sidesOf } from './sides.js';

/** What is asked of a comparison. */
export interface CompareNeeds {
  /** Source keys, as they are shown, of rows that runs have rejected and nothing has made good. */
  readonly known: ReadonlySet<string>;
  /** Columns that checks aggregate: indices into the mapping's columns. */
  readonly keep: readonly number[];
  /** Some of these are summed. */
  readonly sums: boolean;
  /** Findings of each kind and column that are kept. */
  readonly most: number;
}

/** A mapping's two sides, compared row by row. */
export interface Comparison {
  readonly findings: Findings;
  readonly notes: Notes;
  /** Rows that the source gave. */
  readonly read: number;
  readonly skipped: number;
  readonly rejected: number;
  /** Target columns that were not compared, each with the reason. */
  readonly leftOut: readonly string[];
}

const ALL = { unit: 'percent', percent: 100 } as const;

/** Nobody waits for a second pass. */
const none = (reference: BoundReference | null): BoundReference | null =>
  reference && { ...reference, parents: reference.parents.map((parent) => ({ ...parent, isLate: false })) };

/** The mapping as it is compared: every row that it refers to is there, and what exists is looked at. */
export function asCompared(compiled: CompiledMapping): CompiledMapping {
  const { mapping } = compiled;
  const mode = { ...mapping.target.mode, value: 'upsert' } as const;
  const columns = compiled.columns.map((column): CompiledColumn =>
    column.make.kind === 'value'
      ? { ...column, make: { ...column.make, reference: none(column.make.reference) } }
      : column,
  );
  return { ...compiled, columns, mapping: { ...mapping, stopAt: ALL, target: { ...mapping.target, mode } } };
}

/**
 * Reads both sides of a mapping in the order of its key, the source through its row program, and notes what differs.
 * Nothing is written but temporary tables.
 * @returns null where its rows cannot be found again
 */
export async function compareMapping(
  context: RunContext,
  loaded: CompiledMapping,
  { reader, target }: CompareSessions,
  needs: CompareNeeds,
): Promise<Comparison | null> {
  const compiled = asCompared(loaded);
  const sides = sidesOf(compiled, context.schema, await holdUtf8([reader, target]));
  if (sides === null) return null;
  const { name } = compiled.mapping;
  const retries = context.retriesOf(name);
  const { columns, leftOut } = comparedColumns(compiled);
  const findings = new Findings(needs.most, sensitiveColumns(compiled));
  const aggregates = needs.keep.length > 0;
  const notes = await Notes.open(target, { aggregates, sums: needs.sums, readsOnly: context.readsOnly });
  const side = await openAsking(context, retries);
  const keys = new KeyAccess(context, target, retries);
  try {
    const part = !context.whole;
    const merge = new ComparingMerge(
      compiled,
      side,
      { part, orders: sides.orders, onRow: null, brought: null },
      sides.side,
      { columns, keep: needs.keep, part, keyText: (row) => keyText(compiled, row) },
    );
    const looker = new Looker({
      compiled,
      merge,
      session: target,
      findings,
      notes,
      known: needs.known,
      keep: needs.keep,
    });
    const parts = {
      context,
      compiled,
      existing: {
        own: memoryKeyMap([], []),
        known: null,
        merge,
        orders: sides.orders,
        brought: null,
        close: () => Promise.resolve(),
      },
      wantsKeys: false,
      expected: 0,
      rejected: null,
      emptying: null,
      only: null,
      retries,
      stop: context.stop,
      fellows: null,
    };
    const book = new StepBook(context.schema, context.handle, name);
    const stream = await rangeStream(parts, WHOLE, { reader, target, keys, book }, null);
    const plain = sides.orders.every((order) => order === 'integer' || order === 'bytes' || order === 'text');
    await streamRows({
      ...stream,
      // A row that cannot be computed is named only where a reader may go on behind it by the key's own order.
      reading: plain ? stream.reading : null,
      loader: looker,
      ids: null,
      keyMap: null,
      onBatch: () => undefined,
    });
    await looker.end();
    await notes.flush(true);
    const { read, skipped, rejected } = stream.tally;
    return { findings, notes, read, skipped, rejected: rejected + findings.knownRejects, leftOut };
  } finally {
    await keys.close();
    await side.close();
  }
}

const keyText = ({ key }: CompiledMapping, row: Row): string =>
  key.length === 1 ? (row.ownText(key[0] ?? 0) ?? 'null') : keyJson(row, key);
