import { ArgumentError } from '../contract/step.js';

/** `fraction` stands for 1 to 6 digits of the second. `wide` tokens always have their leading zeros. */
export type PatternPart =
  { readonly kind: 'literal'; readonly text: string } | { readonly kind: DateField; readonly width: number };

export type DateField = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction';

const FIELDS: ReadonlyMap<string, DateField> = new Map([
  ['YYYY', 'year'],
  ['MM', 'month'],
  ['M', 'month'],
  ['DD', 'day'],
  ['D', 'day'],
  ['HH', 'hour'],
  ['H', 'hour'],
  ['mm', 'minute'],
  ['ss', 'second'],
]);

/** What the reference says of patterns. */
export const PATTERN_HELP =
  'YYYY; MM or M; DD or D; HH or H (0 to 23); mm; ss; S to SSSSSS (digits of the second); other letters in [brackets].';

/** A letter run of one kind, text in brackets, or any other character. */
const PIECE = /([A-Za-z])\1*|\[([^\]]*)\]|[^A-Za-z]/g;

/**
 * Reads a pattern such as `DD.MM.YYYY HH:mm`. Letters that are no token need brackets, but for the T of
 * ISO 8601. Throws ArgumentError for an unknown token, a digit outside brackets and a field that stands twice.
 */
export function parsePattern(pattern: string): readonly PatternPart[] {
  const parts = [...pattern.matchAll(PIECE)].map(([piece, letter, bracketed]) =>
    bracketed === undefined && letter !== undefined
      ? readToken(piece, pattern)
      : literal(bracketed ?? piece, bracketed !== undefined, pattern),
  );
  for (const field of new Set(FIELDS.values()).add('fraction')) {
    if (parts.filter(({ kind }) => kind === field).length > 1) {
      throw new ArgumentError(`"${pattern}" holds the ${field} twice; MM is the month, mm the minute`);
    }
  }
  return parts;
}

/** True where the pattern asks for a part of the date or time. */
export function holds(parts: readonly PatternPart[], field: DateField): boolean {
  return parts.some(({ kind }) => kind === field);
}

function readToken(token: string, pattern: string): PatternPart {
  const kind = FIELDS.get(token);
  if (kind !== undefined) return { kind, width: token.length };
  if (/^S{1,6}$/.test(token)) return { kind: 'fraction', width: token.length };
  if (token === 'T') return { kind: 'literal', text: token };
  throw new ArgumentError(`"${pattern}" holds "${token}", which is no part of a date; use ${PATTERN_HELP}`);
}

function literal(text: string, bracketed: boolean, pattern: string): PatternPart {
  if (!bracketed && /[0-9[\]]/.test(text)) {
    throw new ArgumentError(`"${pattern}" holds "${text}" as text; write it in [brackets]`);
  }
  return { kind: 'literal', text };
}
