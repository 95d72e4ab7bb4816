import type { PgType } from '../../contract/catalogue.js';
import { trimmed, unpadded } from './checks.js';

/** How a column's value is spelled where its type does not tell all spellings apart; null where it does. */
export function spelling(type: PgType | null): ((value: string) => string) | null {
  if (type === null) return null;
  if (type.domainOf !== null) return spelling(type.domainOf);
  if (type.base === 'integer' || type.base === 'numeric' || type.base === 'float') return trimmed;
  return type.name === 'bpchar' ? unpadded : null;
}
