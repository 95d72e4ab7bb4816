import type { Row } from '../../compile/program/row.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { canonicalKey } from '../../resolve/key-map.js';

/** A mapping that makes the rows which another one fills. */
export interface Filled {
  readonly mapping: string;
  /** The canonical source key of the row that a row fills, or null. */
  readonly key: (row: Row) => string | null;
}

/**
 * Whose rows a mapping fills (`merge: true`), as far as the rows themselves say which: its target key is copied from
 * the source, and holds the other's source key.
 * @param makers the mappings of the sample whose target key is their source key
 */
export function filledBy(compiled: CompiledMapping, makers: ReadonlySet<string>): readonly Filled[] {
  const fields = compiled.targetKey.flatMap((index) => {
    const make = compiled.columns[index]?.make;
    return make?.kind === 'bytes' ? [make.field] : [];
  });
  if (fields.length === 0 || fields.length < compiled.targetKey.length) return [];
  const types = compiled.targetKey.map((index) => compiled.columns[index]?.column.type.base ?? 'text');
  const key = (row: Row): string | null => {
    const texts = fields.flatMap((field) => row.text(field) ?? []);
    return texts.length < fields.length ? null : canonicalKey(texts, types);
  };
  return compiled.sharedWith.flatMap(({ mapping, merges }) =>
    merges && makers.has(mapping) ? [{ mapping, key }] : [],
  );
}
