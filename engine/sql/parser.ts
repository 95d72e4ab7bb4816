import { setFlagsFromString } from 'node:v8';
import type * as PgQuery from 'libpg-query';
import type { ParseResult, RawStmt } from 'libpg-query';

type Library = typeof PgQuery;

/** What PostgreSQL's parser says of a text, or the complaint; offsets in UTF-16 units of the text. */
export type Parsed =
  | { readonly statements: readonly RawStmt[]; readonly offsetOf: (location: number | undefined) => number }
  | { readonly message: string; readonly offset: number };

/** PostgreSQL 18's own parser, as WebAssembly. */
export class Parser {
  readonly #library: Library;

  constructor(library: Library) {
    this.#library = library;
  }

  parse(text: string): Parsed {
    // The parser takes a C string and would read no further than a NUL; it refuses an empty one in other words.
    const nul = text.indexOf('\0');
    if (nul >= 0) return { message: 'SQL cannot hold a NUL character', offset: nul };
    if (text.trim() === '') return { statements: [], offsetOf: () => 0 };
    let result: ParseResult;
    try {
      result = this.#library.parseSync(text);
    } catch (error) {
      // Some thousand operators in a chain end the WebAssembly's stack.
      if (error instanceof RangeError) {
        return { message: 'this SQL nests too deeply', offset: 0 };
      }
      if (!this.#library.hasSqlDetails(error)) throw error;
      const { message, cursorPosition } = error.sqlDetails ?? { message: error.message, cursorPosition: 0 };
      return { message, offset: ofCharacters(text, cursorPosition) };
    }
    const ascii = Buffer.byteLength(text) === text.length;
    const offsetOf = (location = 0): number => (ascii ? location : ofBytes(text, location));
    return { statements: result.stmts ?? [], offsetOf };
  }
}

/** Loads the parser: some 40 ms, so only for those who have SQL. */
export async function loadParser(): Promise<Parser> {
  // Its WebAssembly is not optimised: 0.25 s of 0.9 went into that for 40 pieces of SQL, and 22 MB. Of the V8 it was tried on.
  if (process.versions.v8.startsWith('11.3.')) setFlagsFromString('--liftoff-only');
  const library = await import('libpg-query');
  await library.loadModule();
  return new Parser(library);
}

/** The parser's complaints count characters, as the server's do. */
function ofCharacters(text: string, characters: number): number {
  return Array.from(text).slice(0, Math.max(0, characters)).join('').length;
}

/** The tree counts bytes of UTF-8. */
function ofBytes(text: string, bytes: number): number {
  return Buffer.from(text).subarray(0, bytes).toString().length;
}
