import { unescapeCopy } from '../contract/copy-text.js';
import type { Ordered, OrderedBy } from '../contract/session.js';
import { quoteText } from './identifier.js';

const NEWLINE = 0x0a;
const NULL = '\\N';

/**
 * The condition of the rows behind one in an order, by the server's own comparison (ascending, nulls last).
 * @param values the row's texts in that order
 */
export function behind(by: readonly OrderedBy[], values: readonly (string | null)[]): string {
  const [first, ...rest] = by;
  if (first === undefined) return 'false';
  const { sql, type } = first;
  const [value = null, ...others] = values;
  const deeper = rest.length === 0 ? null : behind(rest, others);
  if (value === null) return deeper === null ? 'false' : `(${sql} is null and ${deeper})`;
  const literal = `${quoteText(value)}${type === null ? '' : `::${type}`}`;
  const after = `${sql} > ${literal} or ${sql} is null`;
  return deeper === null ? `(${after})` : `(${after} or (${sql} = ${literal} and ${deeper}))`;
}

/** The texts of a line of COPY's text format that its order is told by. */
export const orderTexts = ({ by }: Ordered, line: string): readonly (string | null)[] =>
  rawTexts(by, line).map((text) => (text === NULL ? null : unescapeCopy(text)));

const rawTexts = (by: readonly OrderedBy[], line: string): readonly string[] => {
  const fields = line.split('\t');
  return by.map(({ field }) => fields[field] ?? '');
};

/**
 * Where the rows at the end of a chunk begin that others like them may follow: equal ones, where the order is not
 * unique or they hold a null. The chunk's length where none may. A chunk holds whole rows, at least one.
 */
export function openEnd({ by, unique }: Ordered, chunk: Buffer): number {
  const texts = (start: number, end: number): readonly string[] =>
    rawTexts(by, chunk.toString('latin1', start, end - 1));
  let start = lineStart(chunk, chunk.length);
  const last = texts(start, chunk.length);
  if (unique && !last.includes(NULL)) return chunk.length;
  while (start > 0) {
    const before = lineStart(chunk, start);
    const same = texts(before, start).every((text, n) => text === last[n]);
    if (!same) break;
    start = before;
  }
  return start;
}

/** The start of the line that ends just before `end`. */
const lineStart = (chunk: Buffer, end: number): number =>
  end < 2 ? 0 : chunk.lastIndexOf(NEWLINE, end - 2) + 1;

/** The last line of a chunk, without its newline. */
export const lastLine = (chunk: Buffer): string =>
  chunk.toString('utf8', lineStart(chunk, chunk.length), chunk.length - 1);
