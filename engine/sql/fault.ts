import { suggest } from '../contract/suggest.js';

/** What is wrong with a piece of SQL: where in it, in UTF-16 units, and in what words. */
export interface Fault {
  readonly kind: 'syntax' | 'form' | 'aggregate';
  readonly message: string;
  readonly offset: number;
  readonly help?: string;
}

/** Words that a misspelt word may have been meant as. */
const KEYWORDS = [
  ...['select', 'from', 'where', 'group', 'order', 'having', 'limit', 'offset', 'distinct', 'union', 'with'],
  ...['join', 'left', 'right', 'inner', 'outer', 'lateral', 'using', 'case', 'when', 'then', 'else'],
  ...['and', 'or', 'not', 'null', 'between', 'like', 'ilike', 'exists', 'over', 'partition', 'cast'],
];

/** The fault of a text that PostgreSQL's grammar refuses at `offset`; behind its end stands what surrounds it. */
export function syntaxFault(text: string, message: string, offset: number): Fault {
  const help = guess(text, offset);
  const atEnd = offset >= text.length;
  const said = atEnd ? 'syntax error at end of input' : message;
  return { kind: 'syntax', message: said, offset, ...(help === null ? {} : { help }) };
}

/** What may have been meant: the parser stops at the word that cannot follow, or at the one behind it. */
function guess(text: string, offset: number): string | null {
  const word = /^\w+/.exec(text.slice(offset))?.[0] ?? '';
  const before = text.slice(0, offset).trimEnd();
  if (before.endsWith(',')) return 'is there a comma too many before it?';
  if (text[offset] === '?' || before.endsWith('?')) return 'a ? is no placeholder: write the value itself';
  const previous = /\w+$/.exec(before)?.[0] ?? '';
  for (const [name, strict] of [
    [word, false],
    [previous, true],
  ] as const) {
    const near = KEYWORDS.includes(name.toLowerCase()) ? null : suggest(name, KEYWORDS);
    // The word before is more often a name than a slip of the pen.
    const isName = strict && name.length > (near ?? '').length;
    if (near !== null && name.length > 2 && !isName) return `did you mean "${near}"?`;
  }
  return null;
}
