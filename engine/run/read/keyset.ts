import { quoteText } from '../../postgres/identifier.js';

/** One thing that rows are ordered by, ascending and nulls last, and its text in the row at hand. */
export interface KeysetPart {
  readonly sql: string;
  readonly text: string | null;
}

/** SQL: the rows behind the one at hand in the order of the parts, by the database's own comparison. */
export function behind(parts: readonly KeysetPart[]): string {
  const [first, ...rest] = parts;
  if (first === undefined) return 'false';
  const after = behind(rest);
  const { sql, text } = first;
  if (text === null) return `(${sql} is null and ${after})`;
  const value = quoteText(text);
  return `(${sql} > ${value} or ${sql} is null or ${sql} = ${value} and ${after})`;
}
