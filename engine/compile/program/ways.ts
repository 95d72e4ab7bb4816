import type { CompiledColumn } from '../../contract/compiled.js';
import type { Parent } from '../../contract/mapping.js';
import type { BaseType } from '../../contract/value.js';
import type { KeyMap } from '../../resolve/key-map.js';
import { ValueMap } from '../../resolve/value-map.js';
import { canonicalKey } from '../../resolve/key-map.js';
import { watched } from './observer.js';
import { fieldValue } from './origin.js';
import type { ProgramParts } from './parts.js';
import { keyFinder } from './resolver.js';
import type { Row } from './row.js';
import { slotOf } from './slots.js';

/** A parent of a reference while rows are made. */
export interface Way {
  readonly parent: Parent;
  /** Among the parents of its column. */
  readonly place: number;
  readonly map: KeyMap;
  readonly keyTypes: readonly BaseType[];
  /** Its rows may come later. */
  readonly isLate: boolean;
  /** Where its outcomes are counted. */
  readonly slot: number;
  readonly find: (values: readonly string[]) => string | undefined;
  /** Of the mapping itself, the value that stands for the row at hand; null where there is none. */
  readonly own: ((row: Row) => string | null) | null;
}

/** The parents of a reference, in their order. @throws Error where it lacks a key map */
export function waysOf(parts: ProgramParts, column: CompiledColumn, index: number): readonly Way[] {
  const { make } = column;
  const { name } = column.column;
  if (make.kind !== 'value' || make.spec.resolver?.kind !== 'references' || make.reference === null) {
    throw new Error(`column ${name} is no reference`);
  }
  const maps = parts.keyMaps.get(name);
  const { parents } = make.spec.resolver;
  return make.reference.parents.map(({ keyTypes, isLate, yields }, place) => {
    const [parent, map] = [parents[place], maps?.[place]];
    if (parent === undefined || map === undefined) throw new Error(`column ${name} has no key map`);
    const isOwn = parent.mapping.value === parts.compiled.mapping.name && parent.by === null;
    const own = isOwn && yields === null ? parts.ownHandle(index) : null;
    const slot = slotOf(parts.slots, name, parent.mapping.value);
    const find = watched(parts.observer, keyFinder(map, keyTypes), (o, found, values) => {
      o.asked(index, parent, place, canonicalKey(values, keyTypes), found);
    });
    return { parent, place, map, keyTypes, isLate, slot, own, find };
  });
}

/** What a row's switch says: the parent that is asked, or the value that has no case; null where it is null. */
export type Switched = readonly Way[] | { readonly unknown: string } | null;

/** Reads the switch of a polymorphic reference; null where the column has none. */
export function switchReader(
  parts: ProgramParts,
  { make }: CompiledColumn,
  ways: readonly Way[],
): ((row: Row) => Switched) | null {
  const found = make.kind === 'value' ? (make.reference?.switch ?? null) : null;
  if (found === null) return null;
  const table = new ValueMap(found.type);
  for (const { parent, place } of ways) if (parent.when !== null) table.add(parent.when, String(place));
  const cases = ways.map((way) => [way]);
  const read = fieldValue(parts.compiled.fields, found.field);
  return (row) => {
    const value = read(row);
    if (value === null) return null;
    const place = table.get(value);
    return place === undefined ? { unknown: value } : (cases[Number(place)] ?? { unknown: value });
  };
}
