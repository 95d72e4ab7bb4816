import { quoteText } from '../postgres/identifier.js';

/** One thing that rows are ordered by, ascending and nulls last, and its text in the row at hand. */
export interface KeysetPart {
  readonly sql: string;
  readonly text: string | null;
}

/**
 * SQL: the rows behind the one at hand in the order of the parts, by the database's own comparison.
 * @param inclusive the rows that are equal to it, too
 */
export function behind(parts: readonly KeysetPart[], inclusive: boolean): string {
  const [first, ...rest] = parts;
  if (first === undefined) return inclusive ? 'true' : 'false';
  const after = behind(rest, inclusive);
  const { sql, text } = first;
  if (text === null) return `(${sql} is null and ${after})`;
  const value = quoteText(text);
  return `(${sql} > ${value} or ${sql} is null or ${sql} = ${value} and ${after})`;
}
