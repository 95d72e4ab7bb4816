import type { CompiledMapping } from '../../contract/compiled.js';
import { keyJson, rowJson } from '../../compile/program/origin.js';
import { Row } from '../../compile/program/row.js';
import { canonicalKey } from '../../resolve/key-map.js';
import type { RunContext } from '../context.js';
import { keysCondition, sourceKeyParts, type Keys } from '../keys/key-condition.js';
import { readerSql } from './reader-copy.js';
import { openSource } from '../sessions/sessions.js';
import { keyTypesOf } from '../keys/pairs.js';

/** A row of the source as rejects keep it. */
export interface SourceRow {
  /** The key as it is shown. */
  readonly key: string;
  readonly json: string;
}

/** The parts of a canonical key. */
export const partsOfKey = ({ key }: CompiledMapping, text: string): readonly string[] =>
  key.length === 1 ? [text] : (JSON.parse(text) as string[]);

/** Whether a row is not loaded for its own sake: it is skipped, or another one with its key is kept. */
const isLeftOut = ({ skip, kept }: CompiledMapping, row: Row): boolean =>
  (skip !== null && !row.isNull(skip.field)) || (kept !== null && !row.isNull(kept.field));

/** Reads some rows of a mapping again, in the run's snapshot; by their canonical keys. */
export async function sourceRows(
  context: Pick<RunContext, 'onceSource' | 'snapshots' | 'retriesOf'>,
  compiled: CompiledMapping,
  keys: Keys,
): Promise<ReadonlyMap<string, SourceRow>> {
  const found = new Map<string, SourceRow>();
  await readSource(context, compiled, keys, (key, row) => {
    const texts = compiled.key.map((field) => row.ownText(field) ?? '');
    const shown = texts.length === 1 ? (texts[0] ?? '') : keyJson(row, compiled.key);
    found.set(key, { key: shown, json: rowJson(row, compiled.fields) });
  });
  return found;
}

/**
 * The same, row by row as they come.
 * @param each is given a row's canonical key; the row is its own until it returns
 */
export async function readSource(
  context: Pick<RunContext, 'onceSource' | 'snapshots' | 'retriesOf'>,
  compiled: CompiledMapping,
  keys: Keys,
  each: (key: string, row: Row) => void,
): Promise<void> {
  if (keys.length === 0) return;
  const { name, source } = compiled.mapping;
  const reader = await openSource(context, source.connection.value, context.retriesOf(name));
  try {
    const row = new Row(compiled.fields.length);
    const types = keyTypesOf(compiled);
    const sql = readerSql(compiled, [], keysCondition(sourceKeyParts(compiled), keys));
    for await (const chunk of reader.copyOut(sql)) {
      row.open(chunk);
      while (row.next()) {
        if (isLeftOut(compiled, row)) continue;
        const texts = compiled.key.map((field) => row.ownText(field) ?? '');
        each(canonicalKey(texts, types), row);
      }
    }
  } finally {
    await reader.close();
  }
}
