import type { CompiledMapping } from '../../contract/compiled.js';
import type { BaseType } from '../../contract/value.js';
import type { Session } from '../../contract/session.js';
import { copyRows } from '../../postgres/copy-rows.js';
import { quoteName, quoteTable, quoteText, tableRows } from '../../postgres/identifier.js';
import { BatchedKeyMap } from '../../resolve/batched-key-map.js';
import { chooseKeyMap, hasOutgrown, memoryKeyMap } from '../../resolve/choose.js';
import { canonicalKey, type KeyMap } from '../../resolve/key-map.js';
import { notAskable } from './ask-keys.js';
import { keyTypesOf, forgetVanished, handleNames, pairIsThere, pairsOf } from './pairs.js';

/** Rows between two looks at how large a map has become. */
const LOOK = 65_536;

const handleTypesOf = (compiled: CompiledMapping): readonly BaseType[] =>
  compiled.handle.map((index) => compiled.columns[index]?.column.type.base ?? 'text');

/** What is known when a mapping's keys are opened. */
export interface KeyNeeds {
  readonly schema: string;
  /** Nothing is written: kept pairs whose row is gone are passed over, not deleted. */
  readonly readsOnly: boolean;
  /** The planner's estimate of the source. */
  readonly estimatedRows: number;
  /** Some reference is `by` another column or `yields` one: that needs all keys in memory. */
  readonly chained: boolean;
  /** Bytes that a map may take in memory. */
  readonly bound: number;
  /** Greatest less least key, asked for only where it decides; null where it is not known. */
  readonly span: () => Promise<number | null>;
}

/** Chooses how a mapping's keys are kept: an empty map, in memory or asked for in batches. */
export async function chooseKeys(
  session: Session,
  compiled: CompiledMapping,
  needs: KeyNeeds,
): Promise<KeyMap> {
  const facts = {
    keyTypes: keyTypesOf(compiled),
    handleTypes: handleTypesOf(compiled),
    estimatedRows: Math.max(needs.estimatedRows, await targetRows(session, compiled)),
    notAskable: whyNotAskable(compiled, needs.chained),
    bound: needs.bound,
  };
  let choice = chooseKeyMap({ ...facts, span: Infinity });
  if (choice.kind === 'batched' && facts.keyTypes.length === 1 && facts.keyTypes[0] === 'integer') {
    choice = chooseKeyMap({ ...facts, span: (await needs.span()) ?? Infinity });
  }
  if (choice.kind === 'batched') return BatchedKeyMap.create(needs.bound);
  return memoryKeyMap(facts.keyTypes, facts.handleTypes);
}

/**
 * Fills a mapping's keys with those that the target has; keys that are asked for in batches need none.
 * @returns the map, another one where this one became larger than `bound`; and whether there are rows at all
 */
export async function fillKeys(
  session: Session,
  compiled: CompiledMapping,
  map: KeyMap,
  needs: Pick<KeyNeeds, 'schema' | 'readsOnly' | 'chained' | 'bound'>,
): Promise<{ readonly map: KeyMap; readonly any: boolean }> {
  if (compiled.found === 'key_map' && !needs.readsOnly) await forgetVanished(session, compiled, needs.schema);
  if (!(map instanceof BatchedKeyMap)) {
    const bound = whyNotAskable(compiled, needs.chained) === null ? needs.bound : Infinity;
    if (await loadKeyMap(session, compiled, needs, map, bound)) return { map, any: map.size > 0 };
  }
  const { rows } = await session.query(`select 1 from ${rowsSql(compiled, needs).from} limit 1`);
  const batched = map instanceof BatchedKeyMap ? map : BatchedKeyMap.create(needs.bound);
  return { map: batched, any: rows.length > 0 };
}

/** Why a mapping's keys must stay in memory, or null. */
export const whyNotAskable = (compiled: CompiledMapping, chained: boolean): string | null =>
  chained ? 'a reference by another column, or that yields one, needs all of them' : notAskable(compiled);

/** The planner's estimate of the rows in the target; by its size where it was never analysed. */
export async function targetRows(session: Session, { table }: CompiledMapping): Promise<number> {
  const { rows } = await session.query(
    `select case when reltuples >= 0 then reltuples else pg_relation_size(oid) / 100 end::float8
     from pg_class where oid = ${quoteText(quoteTable(table))}::regclass`,
  );
  return Number(rows[0]?.[0] ?? 0);
}

/** What gives key and handle of each row that the target has of a mapping. */
function rowsSql(
  compiled: CompiledMapping,
  { schema, readsOnly }: Pick<KeyNeeds, 'schema' | 'readsOnly'>,
): { readonly list: string; readonly from: string } {
  if (compiled.found === 'key_map') {
    const only = readsOnly && compiled.handle.length > 0 ? ` and ${pairIsThere(compiled)}` : '';
    return {
      list: 'k.source_key, k.target_key',
      from: `${schema}.key_map k where ${pairsOf(compiled)}${only}`,
    };
  }
  const keys = compiled.targetKey.map((index) => quoteName(compiled.columns[index]?.column.name ?? ''));
  return {
    list: [...keys, ...handleNames(compiled).map(quoteName)].join(', '),
    from: `${tableRows(compiled.table)} where ${keys.map((key) => `${key} is not null`).join(' and ')}`,
  };
}

/**
 * Reads the keys of the rows that the target has: from its key columns, or the pairs kept.
 * @returns false where the map becomes larger than `bound`; it is then not complete
 */
export async function loadKeyMap(
  session: Session,
  compiled: CompiledMapping,
  needs: Pick<KeyNeeds, 'schema' | 'readsOnly'>,
  into: KeyMap,
  bound: number,
): Promise<boolean> {
  const { list, from } = rowsSql(compiled, needs);
  const width = compiled.targetKey.length;
  const types = keyTypesOf(compiled);
  const join = (texts: readonly (string | null)[]): string =>
    texts.length === 1 ? (texts[0] ?? '') : JSON.stringify(texts);
  let read = 0;
  let outgrown = false;
  for await (const values of copyRows(session, `select ${list} from ${from}`)) {
    // Read to the end all the same: a COPY that is left in the middle costs the connection.
    if (outgrown) continue;
    if (compiled.found === 'key_map') {
      into.set(values[0] ?? '', values[1] ?? '');
    } else {
      const key = values.slice(0, width).map((text) => text ?? '');
      into.set(canonicalKey(key, types), join(values.slice(width)));
    }
    if (++read % LOOK === 0) outgrown = hasOutgrown(into, bound);
  }
  return !outgrown && !hasOutgrown(into, bound);
}

/** Greatest less least source key, in the reader's snapshot; null where there is no row or no single key. */
export async function keySpan(reader: Session, compiled: CompiledMapping): Promise<number | null> {
  const [key, ...others] = compiled.key.map((field) => compiled.fields[field]?.sql ?? 'null');
  if (key === undefined || others.length > 0) return null;
  const { rows } = await reader.query(
    `select (max(${key})::numeric - min(${key})::numeric)::float8 from (${compiled.rowsSql}\n) q`,
  );
  const span = rows[0]?.[0] ?? null;
  return span === null ? null : Number(span);
}
