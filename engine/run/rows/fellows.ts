import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { copyRows } from '../../postgres/copy-rows.js';
import { quoteName, quoteText, tableRows } from '../../postgres/identifier.js';
import { samePair } from '../../postgres/undo.js';
import { memoryKeyMap } from '../../resolve/choose.js';
import { canonicalKey, type KeyMap } from '../../resolve/key-map.js';
import type { RowProgram } from '../../compile/program/program.js';
import { handleNames } from '../keys/pairs.js';

/**
 * The rows of a table that mappings have made which fill it together with this one (`merge: true`), found by the
 * mapped values of the target key.
 */
export interface Fellows {
  /** The handle of the row that has the target key of the row last written; it is given once. */
  take(program: RowProgram, row: ProgramRow): string | undefined;
  /** Whether the row last written has another target key than the row, made by another, that it has filled before. */
  hasStrayed(program: RowProgram, row: ProgramRow, handle: string): boolean;
}

type ProgramRow = Parameters<RowProgram['value']>[0];

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
  const handleTypes = typesOf(compiled.handle);
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
  const rowsWhere = async function* (
    condition: string,
  ): AsyncIterable<readonly [key: string, handle: string]> {
    const list = names.map((name) => `t.${quoteName(name)}`).join(', ');
    const sql = `select ${list} from ${tableRows(compiled.table)} t where ${condition}`;
    const width = keyTypes.length;
    for await (const texts of copyRows(target, sql)) {
      const handle = texts.slice(width).map((text) => text ?? '');
      const key = texts.slice(0, width).map((text) => text ?? '');
      yield [canonicalKey(key, keyTypes), handle.length === 1 ? (handle[0] ?? '') : JSON.stringify(handle)];
    }
  };
  for await (const [key, handle] of rowsWhere(`${kept(pairs.join(' or '))} and not ${kept(own)}`))
    map.set(key, handle);
  const filled: KeyMap = memoryKeyMap(handleTypes, keyTypes);
  const canonicalHandle = (handle: string): string =>
    canonicalKey(handleTypes.length === 1 ? [handle] : (JSON.parse(handle) as string[]), handleTypes);
  for await (const [key, handle] of rowsWhere(kept(`${own} and k.merged`)))
    filled.set(canonicalHandle(handle), key);
  const keyOf = (program: RowProgram, row: ProgramRow): string | null => {
    const texts = compiled.targetKey.map((index) => program.value(row, index));
    const present = texts.filter((text) => text !== null);
    return present.length < texts.length ? null : canonicalKey(present, keyTypes);
  };
  return {
    take: (program, row) => {
      const key = keyOf(program, row);
      const handle = key === null ? undefined : map.get(key);
      if (key !== null && handle !== undefined) map.delete(key);
      return handle;
    },
    hasStrayed: (program, row, handle) => {
      const key = filled.get(canonicalHandle(handle));
      return key !== undefined && key !== keyOf(program, row);
    },
  };
}
