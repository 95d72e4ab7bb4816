import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { givenColumn, referencesOf } from '../../contract/references.js';
import { quoteName, tableRows } from '../../postgres/identifier.js';
import { readForeignKeys } from '../closure/foreign-keys.js';
import { holdsValue } from './holds-value.js';

/** Columns of some table that hold values of columns of a mapping's table. */
export interface Referrer {
  readonly table: { readonly schema: string; readonly name: string };
  readonly columns: readonly string[];
  readonly referenced: readonly string[];
  /** As `BoundParent.asText`; of a foreign key never. */
  readonly asText?: boolean;
  /** `from` items of all pairs of a row `t` and the row `m` of the mapping's table that it refers to. */
  readonly pairs: string;
}

/**
 * What refers to the rows of a mapping: foreign keys of any table, also those that would delete or empty what refers,
 * and references of mappings that have none.
 */
export async function readReferrers(
  session: Session,
  compiled: CompiledMapping,
  all: ReadonlyMap<string, CompiledMapping>,
): Promise<readonly Referrer[]> {
  const keys = await readForeignKeys(session, [compiled.table.oid]);
  const references = [...all.values()].flatMap((other) =>
    referencesOf(other).flatMap(({ parent, bound, column }): readonly Referrer[] => {
      if (parent.mapping.value !== compiled.mapping.name) return [];
      const wanted = givenColumn(compiled, bound);
      if (wanted === '') return [];
      const pairs = `${tableRows(other.table)} t join ${tableRows(compiled.table)} m
        on ${holdsValue(`t.${quoteName(column.name)}`, `m.${quoteName(wanted)}`, bound)}`;
      return [
        { table: other.table, columns: [column.name], referenced: [wanted], pairs, asText: bound.asText },
      ];
    }),
  );
  const seen = new Set<string>();
  return [...keys, ...references].filter((one) => {
    const id = JSON.stringify([one.table.schema, one.table.name, one.columns, one.referenced]);
    return !seen.has(id) && seen.add(id);
  });
}
