import type { TableColumn } from '../contract/catalogue.js';
import type { IdentityStrategy, Mapping } from '../contract/mapping.js';
import type { Sides } from './context.js';

/** Whether the mapping names no source key. */
export const isKeyless = ({ plainCopy, source }: Mapping): boolean => !plainCopy && source.key.length === 0;

/** Whether the mapping's `columns` fill the target column themselves. */
function isListed(sides: Sides, name: string): boolean {
  const { mapping, shape } = sides;
  if (mapping.columns.some((column) => column.column.value === name)) return true;
  return (mapping.sameName !== null || mapping.plainCopy) && shape.columns.some((c) => c.name === name);
}

/**
 * The strategy that a mapping says, or that its identity column's type and default tell:
 * its own sequence · uuid5 for a uuid · the source key itself where it is one whole number.
 * @returns null where nothing tells it
 */
export function identityStrategy(sides: Sides, column: TableColumn): IdentityStrategy | null {
  const said = sides.mapping.target.identity?.strategy?.value;
  if (said !== undefined) return said;
  if (isListed(sides, column.name)) return 'mapped';
  if (column.sequence !== null) return 'sequence';
  if (column.type.base === 'uuid') return isKeyless(sides.mapping) ? 'uuid7' : 'uuid5';
  if (column.type.base === 'integer' && sides.mapping.source.key.length === 1) return 'preserve';
  return null;
}

/** The target columns by which a loaded row is found again: its identity where the engine knows it, or else its key. */
export function handleColumns(sides: Pick<Sides, 'mapping' | 'table'>): readonly string[] {
  const { identity, key } = sides.mapping.target;
  if (identity !== null && identity.strategy?.value !== 'database') return [identity.column.value];
  return sides.mapping.plainCopy ? sides.table.primaryKey : key.map((column) => column.value);
}

/** The target columns that references to a mapping give when they name no `yields`. */
export function referenceColumns(sides: Sides): readonly string[] {
  const { identity } = sides.mapping.target;
  return identity === null ? handleColumns(sides) : [identity.column.value];
}

/** The source columns of a mapping's key, by name; a plain copy has its table's primary key. */
export function sourceKey(sides: Sides): readonly string[] {
  if (!sides.mapping.plainCopy) return sides.mapping.source.key.map((column) => column.value);
  return sides.shape.table?.primaryKey ?? [];
}
