import type { CompiledMapping } from '../contract/compiled.js';
import { keyJson, rowJson } from '../compile/program/origin.js';
import { Row } from '../compile/program/row.js';
import { quoteText } from '../postgres/identifier.js';
import { openReader } from '../postgres/source.js';
import { canonicalKey } from '../resolve/key-map.js';
import { isNumber } from '../resolve/value-map.js';
import type { RunContext } from './context.js';
import { readerSql } from './reader-copy.js';

/** Source keys by their parts. */
export type Keys = readonly (readonly string[])[];

/** A row of the source as rejects keep it. */
export interface SourceRow {
  /** The key as it is shown. */
  readonly key: string;
  readonly json: string;
}

/** The parts of a canonical key. */
export const partsOfKey = ({ key }: CompiledMapping, text: string): readonly string[] =>
  key.length === 1 ? [text] : (JSON.parse(text) as string[]);

/** Reads some rows of a mapping again, in the run's snapshot; by their canonical keys. */
export async function sourceRows(
  { ports, snapshots }: Pick<RunContext, 'ports' | 'snapshots'>,
  compiled: CompiledMapping,
  keys: Keys,
): Promise<ReadonlyMap<string, SourceRow>> {
  const found = new Map<string, SourceRow>();
  if (keys.length === 0) return found;
  const source = compiled.mapping.source.connection.value;
  const reader = await ports.open(source);
  try {
    await openReader(reader, snapshots.get(source) ?? '');
    const row = new Row(compiled.fields.length);
    const types = compiled.key.map((field) => compiled.fields[field]?.type.base ?? 'text');
    for await (const chunk of reader.copyOut(readerSql(compiled, [], keysCondition(compiled, keys)))) {
      row.open(chunk);
      while (row.next()) {
        const texts = compiled.key.map((field) => row.ownText(field) ?? '');
        const key = texts.length === 1 ? (texts[0] ?? '') : keyJson(row, compiled.key);
        found.set(canonicalKey(texts, types), { key, json: rowJson(row, compiled.fields) });
      }
    }
    return found;
  } finally {
    await reader.close();
  }
}

/** Restricts a mapping's rows to some keys: numbers, booleans and padded texts by value, all else by their text. */
export function keysCondition(compiled: CompiledMapping, keys: Keys): string {
  const parts = compiled.key.map((index, n) => {
    const field = compiled.fields[index];
    const sql = field?.sql ?? 'null';
    const type = field?.type;
    const byValue =
      type !== undefined && (isNumber(type.base) || type.base === 'boolean' || type.name === 'bpchar');
    return byValue
      ? { ours: `(${sql})`, theirs: `v.k${String(n)}::${type.sql}` }
      : { ours: `(${sql})::text collate "C"`, theirs: `v.k${String(n)} collate "C"` };
  });
  const values = keys.map((key) => Object.fromEntries(key.map((text, n) => [`k${String(n)}`, text])));
  const names = parts.map((_, n) => `k${String(n)} text`).join(', ');
  return `(${parts.map(({ ours }) => ours).join(', ')}) in (select ${parts.map(({ theirs }) => theirs).join(', ')}
    from json_to_recordset(${quoteText(JSON.stringify(values))}) as v(${names}))`;
}
