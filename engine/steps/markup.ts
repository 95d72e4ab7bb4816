const BLOCKS = new Set(
  (
    'address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption ' +
    'figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol option p pre section ' +
    'summary table tbody td tfoot th thead title tr ul'
  ).split(' '),
);

/** Elements whose content is no text, and what ends it. */
const HIDDEN: ReadonlyMap<string, RegExp> = new Map([
  ['script', /<\/script\s*>/gi],
  ['style', /<\/style\s*>/gi],
]);

const TAG_NAME = /<\/?([a-zA-Z][^\s/<>]*)/y;

/**
 * Text out of HTML. Linear in the length of the text: whatever is not closed stays as text and is not
 * looked at again. White space of the text itself is untouched.
 */
export function stripMarkup(html: string): string {
  const out = new LineWriter();
  const find = finder(html);
  let at = 0;
  for (let open = html.indexOf('<'); open !== -1; open = html.indexOf('<', open)) {
    const piece = readMarkup(html, open, find);
    if (piece === null) {
      open++;
      continue;
    }
    out.text(html.slice(at, open));
    if (piece.name === 'br') out.lineBreak();
    else if (BLOCKS.has(piece.name)) out.blockEdge();
    at = open = piece.end;
  }
  out.text(html.slice(at));
  return out.result();
}

/** Markup that starts at `<`: the name in lower case (empty for comments) and the index behind it. */
interface Markup {
  readonly name: string;
  readonly end: number;
}

/** The index behind the first match from `from` on, or -1. */
type Find = (what: RegExp, from: number) => number;

/** Remembers what was not found, since it will not be found further on either. */
function finder(html: string): Find {
  const absent = new Set<RegExp>();
  return (what, from) => {
    if (absent.has(what)) return -1;
    what.lastIndex = from;
    if (what.test(html)) return what.lastIndex;
    absent.add(what);
    return -1;
  };
}

const COMMENT_END = /-->/g;
const DECLARATION_END = />/g;

function readMarkup(html: string, open: number, find: Find): Markup | null {
  const next = html.charAt(open + 1);
  if (next === '!' || next === '?') {
    const end = html.startsWith('<!--', open) ? find(COMMENT_END, open + 4) : find(DECLARATION_END, open + 2);
    return end === -1 ? null : { name: '', end };
  }
  TAG_NAME.lastIndex = open;
  const name = TAG_NAME.exec(html)?.[1]?.toLowerCase();
  const end = name === undefined ? -1 : tagEnd(html, TAG_NAME.lastIndex, find);
  if (name === undefined || end === -1) return null;
  const closing = next === '/' ? undefined : HIDDEN.get(name);
  const hiddenEnd = closing === undefined ? -1 : find(closing, end);
  return { name, end: hiddenEnd === -1 ? end : hiddenEnd };
}

const QUOTES: ReadonlyMap<string, RegExp> = new Map([
  ['"', /"/g],
  ["'", /'/g],
]);

/**
 * The index behind the `>` that closes a tag, -1 where there is none; a `>` in a quoted attribute does not
 * close it. A `<` outside quotes means that the tag was none, which also keeps hostile text linear.
 */
function tagEnd(html: string, from: number, find: Find): number {
  for (let index = from; index < html.length; index++) {
    const character = html.charAt(index);
    if (character === '>') return index + 1;
    if (character === '<') return -1;
    const quote = html.charAt(index - 1) === '=' ? QUOTES.get(character) : undefined;
    const closing = quote === undefined ? -1 : find(quote, index + 1);
    if (closing !== -1) index = closing - 1;
  }
  return -1;
}

/** Puts one line break between blocks and none at the ends. */
class LineWriter {
  #out = '';
  #edge = false;

  text(text: string): void {
    if (text === '') return;
    if (this.#edge && this.#out !== '' && !this.#out.endsWith('\n') && !/^\r?\n/.test(text))
      this.#out += '\n';
    this.#edge = false;
    this.#out += text;
  }

  lineBreak(): void {
    this.#out += '\n';
    this.#edge = false;
  }

  blockEdge(): void {
    this.#edge = true;
  }

  result(): string {
    return this.#out;
  }
}
