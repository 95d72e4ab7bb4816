import type { CompiledMapping } from '../../contract/compiled.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import { referencesOf } from '../../contract/references.js';
import type { BaseType } from '../../contract/value.js';
import type { Session } from '../../contract/session.js';
import { copyRows } from '../../postgres/copy-rows.js';
import { quoteName, tableRows } from '../../postgres/identifier.js';
import { ChainedKeyMap } from '../../resolve/chained-key-map.js';
import { canonicalKey, type KeyMap } from '../../resolve/key-map.js';
import { TextKeyMap } from '../../resolve/text-key-map.js';
import { keyTypesOf, handleNames } from './pairs.js';

/** int8, int2, int4, oid, float4, float8, numeric. */
export const NUMBER_TYPES: ReadonlySet<number> = new Set([20, 21, 23, 26, 700, 701, 1700]);

/** References `by` another source column than the key: that column's values → key → handle. */
export async function keyMapBy(
  reader: Session,
  other: CompiledMapping,
  by: string,
  keys: KeyMap,
): Promise<KeyMap> {
  const { skip, kept, fields } = other;
  // Rows that are not loaded share their key, and perhaps the value, with one that is.
  const out = [skip, kept].flatMap((one) =>
    one === null ? [] : [`${fields[one.field]?.sql ?? 'null'} is not null`],
  );
  const list = [
    out.length === 0 ? 'false' : out.join(' or '),
    `q.${quoteName(by)}`,
    ...other.key.map((field) => other.fields[field]?.sql ?? 'null'),
  ];
  const described = await reader.query(`select q.${quoteName(by)} from (${other.rowsSql}\n) q limit 0`);
  const byType: BaseType = NUMBER_TYPES.has(described.columns[0]?.oid ?? 0) ? 'numeric' : 'text';
  const types = keyTypesOf(other);
  const byKey = new TextKeyMap();
  const sql = `select ${list.join(', ')} from (${other.rowsSql}\n) q${kept === null ? ` where q.${quoteName(by)} is not null` : ''}`;
  for await (const [isOut, text, ...key] of copyRows(reader, sql)) {
    if (isOut === 't') continue;
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
  const sql = `select ${[yields, ...handles].map(quoteName).join(', ')} from ${tableRows(other.table)}
    where ${quoteName(yields)} is not null`;
  for await (const [value, ...handle] of copyRows(target, sql)) {
    const key = handle.length === 1 ? (handle[0] ?? '') : JSON.stringify(handle);
    values.set(key, value ?? '');
  }
  return new ChainedKeyMap(keys, values);
}

/** The mappings that references reach `by` another column, or of which they yield one. */
export const chainedMappings = (mappings: readonly CompiledMapping[]): ReadonlySet<string> =>
  new Set(
    mappings.flatMap((compiled) =>
      referencesOf(compiled).flatMap(({ parent, bound }) =>
        parent.by === null && bound.yields === null ? [] : [parent.mapping.value],
      ),
    ),
  );
