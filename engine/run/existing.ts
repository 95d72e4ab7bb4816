import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import { quoteName, quoteTable } from '../postgres/identifier.js';
import { canonicalKey, type KeyMap } from '../resolve/key-map.js';
import type { Row } from '../compile/program/row.js';
import type { RunContext } from './context.js';
import { loadKeyMap } from './keys.js';
import { Merge, mergeOrder, type KeyOrder } from './merge.js';

/** How a mapping's rows that the target has already are found. */
export interface Existing {
  /** Their keys in memory; null where there are none, or a merge finds them. */
  readonly known: KeyMap | null;
  readonly merge: Merge | null;
  /** The order in which the source must be read for the merge; empty for its own. */
  readonly orders: readonly KeyOrder[];
  close(): Promise<void>;
}

const NONE: Existing = { known: null, merge: null, orders: [], close: () => Promise.resolve() };

/**
 * Finds out which rows of a mapping exist: none in an empty table, by merging both sides in the order of the key
 * where that can be had, else by their keys in memory. `own` is filled with their keys where `keepsKeys`, at the
 * latest when the stream has ended; before it where the mapping refers to itself.
 */
export async function findExisting(
  { ports, schema }: RunContext,
  compiled: CompiledMapping,
  sessions: { readonly target: Session; readonly reader: Session },
  own: KeyMap,
  keepsKeys: boolean,
): Promise<Existing> {
  const { target } = sessions;
  const orders = await usableOrder(compiled, sessions);
  if (orders === null) {
    await loadKeyMap(target, compiled, schema, own);
    return { ...NONE, known: own.size === 0 ? null : own };
  }
  if (await isEmpty(target, compiled)) return NONE;
  const first = keepsKeys && refersToItself(compiled);
  if (first) await loadKeyMap(target, compiled, schema, own);
  const session = await ports.open('target');
  const merge = new Merge(compiled, session, orders, keepsKeys && !first ? adder(compiled, own) : null);
  return { known: null, merge, orders, close: () => session.close() };
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
    `select not exists (select from ${quoteTable(table)} where ${keys.join(' and ')})`,
  );
  return rows[0]?.[0] === 't';
}

const refersToItself = ({ columns, mapping }: CompiledMapping): boolean =>
  columns.some(
    ({ make }) =>
      make.kind === 'value' &&
      make.spec.resolver?.kind === 'references' &&
      make.spec.resolver.mapping.value === mapping.name,
  );

/** Adds each row of the target to the key map. */
function adder(compiled: CompiledMapping, own: KeyMap): (row: Row) => void {
  const handles = compiled.handle.length;
  const types = compiled.key.map((field) => compiled.fields[field]?.type.base ?? 'text');
  return (row) => {
    const key = compiled.targetKey.map((index) => row.ownText(handles + index) ?? '');
    const handle = compiled.handle.map((_, n) => row.ownText(n) ?? '');
    own.set(canonicalKey(key, types), handle.length === 1 ? (handle[0] ?? '') : JSON.stringify(handle));
  };
}
