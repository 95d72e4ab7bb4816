import type { CompiledMapping } from '../../contract/compiled.js';
import { referencesOf } from '../../contract/references.js';

/** What one outcome is about: rows that a column refers to in one mapping. */
export interface OutcomeSlot {
  readonly column: string;
  readonly mapping: string;
}

/**
 * The slots in which the outcomes of a row's references are counted: one for each column and mapping, in their order.
 * A row has an outcome in one slot of a column: where it is resolved or a switch leads, or else in the first.
 */
export function outcomeSlots(compiled: CompiledMapping): readonly OutcomeSlot[] {
  const slots: OutcomeSlot[] = [];
  for (const { column, parent } of referencesOf(compiled)) {
    const slot = { column: column.name, mapping: parent.mapping.value };
    if (slotOf(slots, slot.column, slot.mapping) < 0) slots.push(slot);
  }
  return slots;
}

/** The place of a column's slot for a mapping, or its first where no mapping is named; -1 where there is none. */
export const slotOf = (slots: readonly OutcomeSlot[], column: string, mapping?: string): number =>
  slots.findIndex((slot) => slot.column === column && (mapping === undefined || slot.mapping === mapping));
