import type { CompiledMapping } from '../contract/compiled.js';
import { referencesOf } from '../contract/references.js';
import type { Session } from '../contract/session.js';
import type { AskedParent, Cause } from '../contract/trace.js';
import { keysOfWaiting } from '../compile/program/waiting.js';
import type { RejectedRow, Rejection } from '../resolve/rejected-keys.js';
import { partsOfKey } from '../run/read/source-rows.js';
import { placeOf, type Parents } from './columns.js';
import { decisive } from './fates.js';
import type { Made } from './make.js';
import type { Asked } from './recorder.js';

/** Ids that the database gives when the row is loaded. */
const GIVEN = new Set(['sequence', 'uuid7', 'database']);

const shownKey = (compiled: CompiledMapping, key: string): string => {
  const parts = partsOfKey(compiled, key);
  return parts.length === 1 ? (parts[0] ?? '') : JSON.stringify(parts);
};

/** Rows of a chain of causes that are told at the most. */
const LONGEST = 100;

const rejectionOf = (keys: Made['keys'], { mapping, key }: RejectedRow): Rejection | undefined =>
  keys.rejected.get(mapping)?.get(key);

/** The rows from a missing one to the first cause, each in the words of its own reject. */
export function chainFrom(
  { keys, fates, all }: Made,
  row: { readonly mapping: string; readonly key: string },
): readonly Cause[] {
  const chain: Cause[] = [];
  const seen = new Set<string>();
  let at: RejectedRow | null = row;
  while (at !== null && chain.length < LONGEST) {
    const { mapping, key } = at;
    const id = JSON.stringify([mapping, key]);
    const found = rejectionOf(keys, at);
    if (found === undefined || seen.has(id)) break;
    seen.add(id);
    const fate = decisive(fates.of(mapping, key));
    const reject = fate?.kind === 'reject' ? fate.reject : null;
    const one = all.get(mapping);
    chain.push({
      ...{ mapping, key: one === undefined ? key : shownKey(one, key) },
      ...{ column: found.column, rule: found.rule, reason: reject?.reason ?? null },
      at: reject === null ? null : placeOf(reject.at),
    });
    at = found.parent;
  }
  return chain;
}

/** What a trace knows of the rows that its references name. */
export async function parentsOf(
  made: Made,
  traced: CompiledMapping,
  key: string,
  readerOf: (mapping: string) => Session,
): Promise<Parents> {
  const stateOf = (asked: Asked, isLate: boolean): Pick<AskedParent, 'state' | 'chain'> => {
    const name = asked.parent.mapping.value;
    if (asked.parent.by !== null) {
      return { state: asked.found === undefined ? 'not loaded' : stored(asked), chain: [] };
    }
    const fate = decisive(made.fates.of(name, asked.key));
    if (asked.found !== undefined) {
      const isNew = fate?.kind === 'insert';
      return { state: isNew ? (isLate ? 'later' : 'new') : 'in the target', chain: [] };
    }
    const chain = chainFrom(made, { mapping: name, key: asked.key });
    if (chain.length > 0) return { state: 'rejected', chain };
    if (fate?.kind === 'skip') return { state: 'skipped', chain: [skipCause(name, asked.key, fate.skipped)] };
    return { state: fate === undefined ? 'not in the source' : 'not loaded', chain: [] };
  };
  const stored = ({ parent, found }: Asked): AskedParent['state'] =>
    made.fates.inserted(parent.mapping.value).some((handle) => handle === found) ? 'new' : 'in the target';
  const unknown = (asked: Asked, yields: string | null): string | null => {
    const other = made.all.get(asked.parent.mapping.value);
    if (other === undefined || asked.found === undefined) return null;
    const { identity } = other;
    const isGiven = identity !== null && GIVEN.has(identity.strategy);
    const isLeft = yields !== null && !other.columns.some(({ column }) => column.name === yields);
    const column = yields ?? (isGiven ? identity.column.name : null);
    if (column === null || !(isLeft || (isGiven && column === identity.column.name))) return null;
    const isNew =
      asked.parent.by === null
        ? decisive(made.fates.of(other.mapping.name, asked.key))?.kind === 'insert'
        : stored(asked) === 'new';
    return isNew ? `the ${column} that ${other.mapping.name} ${shown(other, asked)} gets` : null;
  };
  const shown = (other: CompiledMapping, { parent, key: named }: Asked): string =>
    parent.by === null ? shownKey(other, named) : `with ${parent.by.value} ${named}`;
  return { stateOf, unknown, late: await lateOf(made, traced, key, readerOf) };
}

const skipCause = (
  mapping: string,
  key: string,
  { rule, at }: { readonly rule: string; readonly at: Parameters<typeof placeOf>[0] },
): Cause => ({ mapping, key, column: null, rule, reason: 'skip_when', at: placeOf(at) });

/** What a second pass finds for each column of the row that waits for it. */
async function lateOf(
  made: Made,
  traced: CompiledMapping,
  key: string,
  readerOf: (mapping: string) => Session,
): Promise<ReadonlyMap<string, readonly Asked[]>> {
  const found = new Map<string, readonly Asked[]>();
  for (const { column, key: own, reference } of made.waiting) {
    if (own !== key) continue;
    const ways = referencesOf(traced).filter((way) => way.column.name === column);
    const keys = keysOfWaiting(reference, ways.length);
    const asked: Asked[] = [];
    for (const [n, way] of ways.entries()) {
      const named = keys[n] ?? null;
      if (named === null) continue;
      const map = await made.keys.referenced(way, readerOf(way.parent.mapping.value));
      asked.push({ parent: way.parent, place: way.place, key: named, found: map.get(named) });
      if (map.get(named) !== undefined) break;
    }
    found.set(column, asked);
  }
  return found;
}
