/** A piece of an SQL file; `line` counts from 1 and is that of its first character. */
export type SqlPart =
  | { readonly kind: 'statement'; readonly text: string; readonly line: number }
  /** `COPY … FROM stdin` with the rows that stand behind it, without the closing `\.`. */
  | {
      readonly kind: 'copy';
      readonly text: string;
      readonly line: number;
      readonly rows: Buffer;
      readonly rowsLine: number;
    }
  /** A command for psql, a whole line: `\connect shop`. */
  | { readonly kind: 'psql'; readonly text: string; readonly line: number };

/**
 * One token: comment, quoted text with backslashes, quoted text or name (a doubled quote reads as two), the opening of
 * a dollar quote or block comment, word, blanks, or one character.
 */
const TOKEN =
  /--[^\n]*|\/\*|[eE]'|'[^']*'|"[^"]*"|\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$|[A-Za-z_\x80-\xff][\w$\x80-\xff]*|\s+|[^]/y;

const COPY_FROM_STDIN = /^copy\s[^]*\sfrom\s+stdin\b/i;
const BACKSLASHES = /^set\s+(?:session\s+)?standard_conforming_strings\s*(?:=|to)\s*'?(off|false|no|0)\b/i;
const NO_BACKSLASHES = /^(?:set\s+(?:session\s+)?|reset\s+)standard_conforming_strings\b/i;
const ROUTINE = /^create\s+(?:or\s+replace\s+)?(?:function|procedure)\s/i;
const END_OF_ROWS = /^\\\.\r?(?:\n|$)/my;

/**
 * Splits a file as psql does: at each `;` outside of quotes, comments, parentheses and `BEGIN … END` bodies. Works on
 * bytes read as latin1, in which no part of a UTF-8 character looks like ASCII; gives texts as UTF-8.
 */
export function* splitSql(file: Buffer): Generator<SqlPart> {
  const text = file.toString('latin1');
  const lineAt = lineCounter(text);
  let backslashes = false;
  let at = text.startsWith('\xef\xbb\xbf') ? 3 : 0;
  while (at < text.length) {
    const start = skipBlanks(text, at);
    if (start === text.length) return;
    const end = text[start] === '\\' ? endOfLine(text, start) : endOfStatement(text, start, backslashes);
    const part = { text: file.toString('utf8', start, end).trim(), line: lineAt(start) };
    at = end + 1;
    if (text[start] === '\\') yield { kind: 'psql', ...part };
    else if (COPY_FROM_STDIN.test(part.text)) {
      const from = Math.min(endOfLine(text, end) + 1, text.length);
      const to = endOfRows(text, from);
      yield { kind: 'copy', ...part, rows: file.subarray(from, to), rowsLine: lineAt(from) };
      at = endOfLine(text, to) + 1;
    } else if (part.text !== '') yield { kind: 'statement', ...part };
    if (BACKSLASHES.test(part.text)) backslashes = true;
    else if (NO_BACKSLASHES.test(part.text)) backslashes = false;
  }
}

/** Asked for growing offsets, counts each line once. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let next = text.indexOf('\n');
  return (offset) => {
    while (next !== -1 && next < offset) {
      line += 1;
      next = text.indexOf('\n', next + 1);
    }
    return line;
  };
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** Behind blanks, comments and empty statements: where the next part begins. */
function skipBlanks(text: string, at: number): number {
  let position = at;
  while (position < text.length) {
    const end = endOfToken(text, position, false);
    if (!/^(?:\s|;|--|\/\*)/.test(text.slice(position, position + 2))) return position;
    position = end;
  }
  return text.length;
}

/** The offset of the `;` that ends the statement, or of the file's end. */
function endOfStatement(text: string, start: number, backslashes: boolean): number {
  const isRoutine = ROUTINE.test(text.slice(start, start + 100));
  let parentheses = 0;
  let bodies = 0;
  for (let at = start; at < text.length;) {
    const end = endOfToken(text, at, backslashes);
    const token = end - at > 10 ? '' : text.slice(at, end).toLowerCase();
    if (token === '(') parentheses += 1;
    else if (token === ')') parentheses -= 1;
    else if (token === ';' && parentheses <= 0 && bodies === 0) return at;
    else if (isRoutine) bodies = depthAfter(token, bodies);
    at = end;
  }
  return text.length;
}

/** How deep in `BEGIN ATOMIC … END` of an SQL routine; `CASE … END` counts inside, as in psqlscan.l. */
function depthAfter(token: string, depth: number): number {
  if (token === 'begin' || (token === 'case' && depth > 0)) return depth + 1;
  return token === 'end' && depth > 0 ? depth - 1 : depth;
}

function endOfToken(text: string, at: number, backslashes: boolean): number {
  TOKEN.lastIndex = at;
  const token = TOKEN.exec(text)?.[0] ?? '';
  const end = at + token.length;
  const open = token.toLowerCase();
  if (open === '/*') return endOfBlockComment(text, end);
  if (open === "e'") return endOfEscaped(text, end);
  if (open.startsWith("'") && backslashes) return endOfEscaped(text, at + 1);
  // A quote that nothing closes.
  if (open === "'" || open === '"') return text.length;
  if (open.startsWith('$') && open.endsWith('$') && open.length > 1) return behind(text, token, end);
  return end;
}

function behind(text: string, closing: string, from: number): number {
  const found = text.indexOf(closing, from);
  return found === -1 ? text.length : found + closing.length;
}

function endOfEscaped(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === "'") return at + 1;
  }
  return text.length;
}

function endOfBlockComment(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    const two = text.slice(at, at + 2);
    if (two === '/*') depth += 1;
    else if (two === '*/') depth -= 1;
    else continue;
    if (depth === 0) return at + 2;
    at += 1;
  }
  return text.length;
}

/** The offset of the line `\.`, or of the file's end. */
function endOfRows(text: string, from: number): number {
  for (let at = from; at < text.length;) {
    const found = text.indexOf('\\.', at);
    if (found === -1) return text.length;
    END_OF_ROWS.lastIndex = found;
    if ((found === from || text[found - 1] === '\n') && END_OF_ROWS.test(text)) return found;
    at = found + 2;
  }
  return text.length;
}
