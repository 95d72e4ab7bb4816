import type { CompiledMapping } from '../../contract/compiled.js';
import { referredTo } from '../../contract/references.js';
import type { Session } from '../../contract/session.js';
import { quoteName, tableRows } from '../../postgres/identifier.js';
import { BatchedKeyMap } from '../../resolve/batched-key-map.js';
import type { KeyMap } from '../../resolve/key-map.js';
import type { RunContext } from '../context.js';
import type { KeyAccess } from '../keys/key-access.js';
import { Brought, doneSql, forgetBrought, lastUndo, readBrought } from '../keys/brought.js';
import { targetRows } from '../keys/keys.js';
import { Merge, mergeOrder } from './merge.js';
import type { KeyOrder } from '../read/reader-copy.js';
import type { Retries } from '../sessions/retries.js';
import { openAsking } from '../sessions/sessions.js';

/** How a mapping's rows that the target has already are found. */
export interface Existing {
  /** The keys of the mapping's rows, for those that refer to them. */
  readonly own: KeyMap;
  /** Their keys; null where there are none, or a merge finds them. */
  readonly known: KeyMap | null;
  readonly merge: Merge | null;
  /** The order in which the source must be read for the merge; empty for its own. */
  readonly orders: readonly KeyOrder[];
  /** What an interrupted part of the run has brought; null for a run that nobody interrupted. */
  readonly brought: Brought | null;
  close(): Promise<void>;
}

export interface ExistingNeeds {
  readonly compiled: CompiledMapping;
  readonly estimatedRows: number;
  readonly wantsKeys: boolean;
  /** Only a part of the mapping's rows will come: `estimatedRows` of them. */
  readonly part: boolean;
  /** The table is emptied with the first batch: what it holds now is none of the load's. */
  readonly emptied: boolean;
}

/** Rows of the target for each that is asked for by its key, so that asking is cheaper than reading all. */
const FEW = 5;

const NONE = { known: null, merge: null, orders: [], brought: null, close: () => Promise.resolve() };

/**
 * Finds out which rows of a mapping exist: none in an empty table, by merging both sides in the order of the key
 * where that can be had, else by their keys; of few rows by asking for each. `own` has their keys where `wantsKeys`, at the latest when the stream
 * has ended; before it where the mapping refers to itself.
 */
export async function findExisting(
  context: RunContext,
  load: ExistingNeeds,
  sessions: { readonly target: Session; readonly reader: Session },
  keys: KeyAccess,
  retries: Retries,
): Promise<Existing> {
  const { compiled, wantsKeys } = load;
  const { target, reader } = sessions;
  if (load.emptied) return { ...NONE, own: await keysOfNew(load, reader, keys) };
  if (
    load.part &&
    load.estimatedRows * FEW <= (await targetRows(target, compiled)) &&
    keys.canAsk(compiled)
  ) {
    const { map, any } = await keys.fill(compiled, keys.batched(compiled));
    return { ...NONE, own: map, known: any ? map : null };
  }
  const { schema, handle } = context;
  const part = handle.resumes === 0 ? null : { schema, run: handle.run, compiled };
  const orders = await usableOrder(compiled, sessions);
  const own = await keys.own(compiled, reader, orders === null || wantsKeys ? load.estimatedRows : 0);
  if (orders === null) {
    const { map, any } = await keys.fill(compiled, own);
    if (!any || part === null) return { ...NONE, own: map, known: any ? map : null };
    // Which rows exist and which may be referred to is not the same then.
    const others =
      wantsKeys && refersToItself(compiled) ? await keys.own(compiled, reader, load.estimatedRows) : null;
    if (others === null)
      return { ...NONE, own: map, known: map, brought: await readBrought(target, part, null) };
    const ownKeys = (await keys.fill(compiled, others)).map;
    await forgetBrought(target, part, ownKeys);
    return { ...NONE, own: ownKeys, known: map, brought: await readBrought(target, part, ownKeys) };
  }
  if (await isEmpty(target, compiled)) return { ...NONE, own };
  const first = wantsKeys && refersToItself(compiled);
  const filled = first ? (await keys.fill(compiled, own)).map : own;
  if (first && part !== null) await forgetBrought(target, part, filled);
  const session = await openAsking(context, retries);
  const adds = wantsKeys && !first && !(own instanceof BatchedKeyMap);
  const brought =
    part === null ? null : new Brought(null, await lastUndo(target, schema), first ? filled : null);
  const merge: Merge = new Merge(compiled, session, {
    part: load.part && !adds,
    orders,
    onRow: adds ? adder(own, () => merge) : null,
    brought: part === null || brought === null ? null : { sql: doneSql(part), book: brought },
  });
  return { own: filled, known: null, merge, orders, brought, close: () => session.close() };
}

/** Keys that are asked for would be those of the old rows until the first batch is in. */
async function keysOfNew(
  { compiled, estimatedRows }: ExistingNeeds,
  reader: Session,
  keys: KeyAccess,
): Promise<KeyMap> {
  return refersToItself(compiled)
    ? keys.inMemory(compiled, reader, estimatedRows)
    : keys.own(compiled, reader, estimatedRows);
}

/** Texts have one order on both sides only where both databases hold UTF-8. */
async function usableOrder(
  compiled: CompiledMapping,
  { target, reader }: { readonly target: Session; readonly reader: Session },
): Promise<readonly KeyOrder[] | null> {
  const orders = mergeOrder(compiled);
  if (orders?.includes('text') !== true) return orders;
  for (const session of [target, reader]) {
    const { rows } = await session.query("select current_setting('server_encoding')");
    if (rows[0]?.[0] !== 'UTF8') return null;
  }
  return orders;
}

async function isEmpty(target: Session, { table, targetKey, columns }: CompiledMapping): Promise<boolean> {
  const keys = targetKey.map((index) => `${quoteName(columns[index]?.column.name ?? '')} is not null`);
  const { rows } = await target.query(
    `select not exists (select from ${tableRows(table)} where ${keys.join(' and ')})`,
  );
  return rows[0]?.[0] === 't';
}

const refersToItself = ({ mapping }: CompiledMapping): boolean => referredTo(mapping).includes(mapping.name);

/** Adds each row of the target to the key map. */
function adder(own: KeyMap, merge: () => Merge): () => void {
  return () => {
    own.set(merge().keyOfRow(), merge().handle());
  };
}
