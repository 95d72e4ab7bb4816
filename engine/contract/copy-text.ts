const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Undoes COPY's text escapes (PostgreSQL manual, COPY, "Text Format"); the server never writes octal or hex ones. */
export const unescapeCopy = (text: string): string =>
  text.replace(/\\(.)/gs, (_all, c: string) => ESCAPES[c] ?? c);
