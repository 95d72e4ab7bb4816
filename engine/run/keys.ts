import type { CompiledMapping } from '../contract/compiled.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { BaseType } from '../contract/value.js';
import type { Session } from '../contract/session.js';
import { copyRows } from '../postgres/copy-rows.js';
import { quoteName, quoteTable, quoteText } from '../postgres/identifier.js';
import { IntegerKeyMap } from '../resolve/integer-key-map.js';
import { canonicalKey, type KeyMap } from '../resolve/key-map.js';
import { TextKeyMap } from '../resolve/text-key-map.js';

/** The map for a mapping's keys: typed arrays where keys and handles are whole numbers. */
export function emptyKeyMap(compiled: CompiledMapping): KeyMap {
  const [key] = compiled.key;
  const [handle] = compiled.handle;
  const wholeKey = compiled.key.length === 1 && compiled.fields[key ?? -1]?.type.base === 'integer';
  const wholeHandle =
    compiled.handle.length === 1 && compiled.columns[handle ?? -1]?.column.type.base === 'integer';
  return wholeKey && wholeHandle ? new IntegerKeyMap() : new TextKeyMap();
}

/** int8, int2, int4, oid, float4, float8, numeric. */
const NUMBER_TYPES: ReadonlySet<number> = new Set([20, 21, 23, 26, 700, 701, 1700]);

const handleNames = (compiled: CompiledMapping): readonly string[] =>
  compiled.handle.map((index) => compiled.columns[index]?.column.name ?? '');

/** Reads the keys of the rows that the target has of a mapping: from the target's key columns, or the pairs kept. */
export async function loadKeyMap(
  session: Session,
  compiled: CompiledMapping,
  schema: string,
  into: KeyMap,
): Promise<void> {
  const handles = handleNames(compiled);
  const join = (texts: readonly (string | null)[]): string =>
    texts.length === 1 ? (texts[0] ?? '') : JSON.stringify(texts);
  if (compiled.found === 'key_map') {
    await forgetVanished(session, compiled, schema);
    const sql = `select source_key, target_key from ${schema}.key_map k where ${pairsOf(compiled)}`;
    for await (const [key, handle] of copyRows(session, sql)) into.set(key ?? '', handle ?? '');
    return;
  }
  const keys = compiled.targetKey.map((index) => quoteName(compiled.columns[index]?.column.name ?? ''));
  const types = compiled.key.map((field) => compiled.fields[field]?.type.base ?? 'text');
  const sql = `select ${[...keys, ...handles.map(quoteName)].join(', ')} from ${quoteTable(compiled.table)}
    where ${keys.map((key) => `${key} is not null`).join(' and ')}`;
  for await (const values of copyRows(session, sql)) {
    const key = values.slice(0, keys.length).map((text) => text ?? '');
    into.set(canonicalKey(key, types), join(values.slice(keys.length)));
  }
}

/** The kept pairs `k` of one mapping. */
export const pairsOf = ({ project, mapping }: CompiledMapping): string =>
  `k.project = ${quoteText(project)} and k.mapping = ${quoteText(mapping.name)}`;

/** How a row of the target equals a kept pair. */
export function pairCondition(compiled: CompiledMapping): string {
  const names = handleNames(compiled).map((name) => `t.${quoteName(name)}::text`);
  return names.length === 1
    ? `${names[0] ?? ''} = k.target_key`
    : `jsonb_build_array(${names.join(', ')}) = k.target_key::jsonb`;
}

/** Pairs whose row someone has deleted from the target are no pairs any more. */
async function forgetVanished(session: Session, compiled: CompiledMapping, schema: string): Promise<void> {
  await session.query(
    `delete from ${schema}.key_map k where ${pairsOf(compiled)}
     and not exists (select from ${quoteTable(compiled.table)} t where ${pairCondition(compiled)})`,
  );
}

/** A key map behind another one: first key → second key → value. */
class ChainedKeyMap implements KeyMap {
  constructor(
    private readonly first: KeyMap,
    private readonly second: KeyMap,
  ) {}

  get size(): number {
    return this.first.size;
  }

  get(key: string): string | undefined {
    const between = this.first.get(key);
    return between === undefined ? undefined : this.second.get(between);
  }

  set(): void {
    throw new Error('a chained key map is read only');
  }

  delete(): void {
    throw new Error('a chained key map is read only');
  }
}

/** References `by` another source column than the key: that column's values → key → handle. */
export async function keyMapBy(
  reader: Session,
  other: CompiledMapping,
  by: string,
  keys: KeyMap,
): Promise<KeyMap> {
  const byKey = new TextKeyMap();
  const list = [`q.${quoteName(by)}`, ...other.key.map((field) => other.fields[field]?.sql ?? 'null')];
  const described = await reader.query(`select q.${quoteName(by)} from (${other.rowsSql}\n) q limit 0`);
  const byType: BaseType = NUMBER_TYPES.has(described.columns[0]?.oid ?? 0) ? 'numeric' : 'text';
  const types = other.key.map((field) => other.fields[field]?.type.base ?? 'text');
  const sql = `select ${list.join(', ')} from (${other.rowsSql}\n) q where q.${quoteName(by)} is not null`;
  for await (const [text, ...key] of copyRows(reader, sql)) {
    const value = text === null || text === undefined ? null : canonicalKey([text], [byType]);
    const texts = key.filter((text) => text !== null);
    const canonical = canonicalKey(texts, types);
    // Only rows that are loaded count: two that share the value are one as long as one of them is not.
    if (value === null || texts.length < key.length || keys.get(canonical) === undefined) continue;
    if (byKey.get(value) !== undefined) {
      throw new EtlError(`"${by}" of ${other.mapping.name} is not unique: several rows have "${value}"`, {
        exitCode: EXIT.usage,
        help: 'reference a column that is unique, or the key',
      });
    }
    byKey.set(value, canonical);
  }
  return new ChainedKeyMap(byKey, keys);
}

/** References that yield another target column than the identity: key → handle → that column. */
export async function keyMapYielding(
  target: Session,
  other: CompiledMapping,
  yields: string,
  keys: KeyMap,
): Promise<KeyMap> {
  const values = new TextKeyMap();
  const handles = handleNames(other);
  const sql = `select ${[yields, ...handles].map(quoteName).join(', ')} from ${quoteTable(other.table)}
    where ${quoteName(yields)} is not null`;
  for await (const [value, ...handle] of copyRows(target, sql)) {
    const key = handle.length === 1 ? (handle[0] ?? '') : JSON.stringify(handle);
    values.set(key, value ?? '');
  }
  return new ChainedKeyMap(keys, values);
}
