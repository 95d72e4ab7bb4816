import type { Located, Position } from './problem.js';

/** SQL of a mapping: `at` is its own first character. */
export interface SqlText extends Located<string> {
  /** As it stands in the file from `at` on: with the indentation, line breaks and escapes that YAML takes out. */
  readonly written: string;
  /** The sign that surrounds it in YAML. */
  readonly quote: '"' | "'" | null;
}

/**
 * Where a character of the SQL stands in the file.
 * @param offset in UTF-16 units of `value`; what lies behind the text's last word marks its last character
 * @returns the mark covers a word that begins there, else one character; the SQL's own place where `written` does
 * not say (variables put in)
 */
export function within({ value, at, written, quote }: SqlText, offset: number): Position {
  const last = value.trimEnd().length - 1;
  const wanted = Math.max(0, Math.min(offset, last));
  let from = 0;
  for (let i = 0; i <= wanted;) {
    if (isSpace(value[i])) {
      i += 1;
      continue;
    }
    from = skip(written, from, quote);
    const { text, length } = unit(written, from, quote);
    if (text === '' || !value.startsWith(text, i)) return at;
    if (i + text.length > wanted)
      return placed(at, written, from, offset > last ? 1 : wordLength(value, wanted));
    i += text.length;
    from += length;
  }
  return at;
}

const isSpace = (sign: string | undefined): boolean => sign !== undefined && /\s/.test(sign);

function wordLength(value: string, offset: number): number {
  return /^[\p{L}\p{N}_$]+/u.exec(value.slice(offset))?.[0].length ?? 1;
}

function placed(at: Position, written: string, from: number, length: number): Position {
  const before = written.slice(0, from).split('\n');
  const column = (before.length === 1 ? at.column : 1) + (before.at(-1)?.length ?? 0);
  const rest = written.slice(from).split(/\r?\n/)[0]?.length ?? length;
  return { ...at, line: at.line + before.length - 1, column, length: Math.max(1, Math.min(length, rest)) };
}

/** The next sign that is no white space, escaped white space included. */
function skip(written: string, from: number, quote: SqlText['quote']): number {
  const space = quote === '"' ? /(?:\s|\\[ tnrveLNP_\t\r\n])*/y : /\s*/y;
  space.lastIndex = from;
  space.exec(written);
  return space.lastIndex;
}

/** One sign as it stands in the file, and what it means. */
function unit(written: string, from: number, quote: SqlText['quote']): { text: string; length: number } {
  const sign = written[from] ?? '';
  if (quote === "'" && written.startsWith("''", from)) return { text: "'", length: 2 };
  if (quote !== '"' || sign !== '\\') return { text: sign, length: 1 };
  const [all = '\\', code] =
    /^\\(?:[xuU]([0-9a-fA-F]+)|.)/s.exec(written.slice(from, from + escapeLength(written[from + 1]))) ?? [];
  const text = code === undefined ? all.slice(1) : String.fromCodePoint(parseInt(code, 16));
  return { text, length: all.length };
}

/** Characters of an escape, its backslash included (YAML 1.2 § 5.7). */
const escapeLength = (sign: string | undefined): number =>
  sign === 'x' ? 4 : sign === 'u' ? 6 : sign === 'U' ? 10 : 2;
