/** COPY's text format as PostgreSQL's manual describes it, for tests: written to be obvious, not fast. */

const NAMES: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\v': 'v',
  '\\': '\\',
};

const encodeField = (value: string | null): string =>
  value === null ? '\\N' : value.replace(/[\b\f\n\r\t\v\\]/g, (c) => `\\${NAMES[c] ?? c}`);

/** Rows as a server sends them. */
export const encodeCopy = (rows: readonly (readonly (string | null)[])[]): Buffer =>
  Buffer.from(rows.map((row) => `${row.map(encodeField).join('\t')}\n`).join(''));

function decodeField(field: string): string | null {
  if (field === '\\N') return null;
  return field.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/gs, (_all, escape: string) => {
    if (escape.length > 1 && escape.startsWith('x'))
      return String.fromCharCode(parseInt(escape.slice(1), 16));
    if (/^[0-7]/.test(escape)) return String.fromCharCode(parseInt(escape, 8));
    const found = Object.entries(NAMES).find(([, name]) => name === escape);
    return found?.[0] ?? escape;
  });
}

/** One line as a server reads it. @throws where it does not end with its only newline */
export function decodeLine(line: Buffer): readonly (string | null)[] {
  const text = line.toString();
  if (text.indexOf('\n') !== text.length - 1) throw new Error(`not one line: ${JSON.stringify(text)}`);
  if (text === '\\.\n') throw new Error('the line is the end of the data');
  return text.slice(0, -1).split('\t').map(decodeField);
}
