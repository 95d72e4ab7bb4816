const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const LETTERS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ESCAPES).map(([letter, character]) => [character, letter]),
);

/** Undoes COPY's text escapes (PostgreSQL manual, COPY, "Text Format"); the server never writes octal or hex ones. */
export const unescapeCopy = (text: string): string =>
  text.replace(/\\(.)/gs, (_all, c: string) => ESCAPES[c] ?? c);

/** A value as the server writes it in COPY's text format. */
export const escapeCopy = (text: string): string =>
  text.replace(/[\b\f\n\r\t\v\\]/g, (c) => `\\${LETTERS[c] ?? c}`);
