import type { BoundParent } from '../../contract/compiled.js';

/**
 * SQL: whether a column holds the value of a referenced row, where the reference was made.
 * @param column SQL of the referring row @param value SQL of the referenced row
 */
export const holdsValue = (
  column: string,
  value: string,
  { asText = false }: Partial<Pick<BoundParent, 'asText'>>,
): string => `${column} = ${value}${asText ? '::text' : ''}`;
