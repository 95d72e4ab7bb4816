import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import { copyRows } from '../postgres/copy-rows.js';
import { quoteName, quoteTable, quoteText } from '../postgres/identifier.js';
import { samePair } from '../postgres/undo.js';
import { memoryKeyMap } from '../resolve/choose.js';
import { canonicalKey, type KeyMap } from '../resolve/key-map.js';
import type { RowProgram } from '../compile/program/program.js';
import { handleNames } from './pairs.js';

/**
 * The rows of a table that mappings have made which fill it together with this one (`merge: true`), found by the
 * mapped values of the target key.
 */
export interface Fellows {
  /** The handle of the row that has the target key of the row last written; it is given once. */
  take(program: RowProgram, row: Parameters<RowProgram['value']>[0]): string | undefined;
}

/** Reads them into memory; null where nobody fills the mapping's rows too. */
export async function readFellows(
  target: Session,
  compiled: CompiledMapping,
  schema: string,
): Promise<Fellows | null> {
  const fellows = compiled.sharedWith.filter(({ merges, handle }) => merges && handle.length > 0);
  if (fellows.length === 0) return null;
  const typesOf = (indices: readonly number[]) =>
    indices.map((index) => compiled.columns[index]?.column.type.base ?? 'text');
  const keyTypes = typesOf(compiled.targetKey);
  const map: KeyMap = memoryKeyMap(keyTypes, typesOf(compiled.handle));
  const names = [
    ...compiled.targetKey.map((index) => compiled.columns[index]?.column.name ?? ''),
    ...handleNames(compiled),
  ];
  const pairs = fellows.map(
    ({ mapping, handle }) => `k.mapping = ${quoteText(mapping)} and ${samePair(handle)}`,
  );
  const own = `k.mapping = ${quoteText(compiled.mapping.name)} and ${samePair(handleNames(compiled))}`;
  const kept = (condition: string): string =>
    `exists (select from ${schema}.key_map k where k.project = ${quoteText(compiled.project)} and (${condition}))`;
  const sql = `select ${names.map((name) => `t.${quoteName(name)}`).join(', ')} from ${quoteTable(compiled.table)} t
    where ${kept(pairs.join(' or '))} and not ${kept(own)}`;
  const width = keyTypes.length;
  for await (const texts of copyRows(target, sql)) {
    const key = texts.slice(0, width).map((text) => text ?? '');
    const handle = texts.slice(width).map((text) => text ?? '');
    map.set(canonicalKey(key, keyTypes), handle.length === 1 ? (handle[0] ?? '') : JSON.stringify(handle));
  }
  return {
    take: (program, row) => {
      const texts = compiled.targetKey.map((index) => program.value(row, index));
      const present = texts.filter((text) => text !== null);
      if (present.length < texts.length) return undefined;
      const key = canonicalKey(present, keyTypes);
      const handle = map.get(key);
      if (handle !== undefined) map.delete(key);
      return handle;
    },
  };
}
