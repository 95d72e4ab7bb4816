const BLOCKS = new Set(
  (
    'address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption ' +
    'figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol option p pre section ' +
    'summary table tbody td tfoot th thead title tr ul'
  ).split(' '),
);

/** Elements whose content is no text. */
const HIDDEN = new Set(['script', 'style']);

const TAG_NAME = /<\/?([a-zA-Z][^\s/>]*)/y;

/**
 * Text out of HTML. Linear in the length of the text: whatever is not closed stays as text and is not
 * looked at again. White space of the text itself is untouched.
 */
export function stripMarkup(html: string): string {
  const out = new LineWriter();
  let at = 0;
  for (let open = html.indexOf('<'); open !== -1; open = html.indexOf('<', open)) {
    const piece = readMarkup(html, open);
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

function readMarkup(html: string, open: number): Markup | null {
  if (html.startsWith('<!--', open)) return upTo(html, '-->', open + 4);
  const next = html.charAt(open + 1);
  if (next === '!' || next === '?') return upTo(html, '>', open + 2);
  TAG_NAME.lastIndex = open;
  const name = TAG_NAME.exec(html)?.[1]?.toLowerCase();
  const close = name === undefined ? -1 : tagEnd(html, TAG_NAME.lastIndex);
  if (name === undefined || close === -1) return null;
  if (!HIDDEN.has(name) || next === '/') return { name, end: close + 1 };
  const hidden = new RegExp(`</${name}\\s*>`, 'gi');
  hidden.lastIndex = close;
  return { name, end: hidden.test(html) ? hidden.lastIndex : close + 1 };
}

function upTo(html: string, ending: string, from: number): Markup | null {
  const found = html.indexOf(ending, from);
  return found === -1 ? null : { name: '', end: found + ending.length };
}

/**
 * The index of the `>` that closes a tag, -1 where there is none; a `>` in a quoted attribute does not
 * close it. A `<` outside quotes means that the tag was none, which also keeps hostile text linear.
 */
function tagEnd(html: string, from: number): number {
  for (let index = from; index < html.length; index++) {
    const character = html.charAt(index);
    if (character === '>') return index;
    if (character === '<') return -1;
    if ((character === '"' || character === "'") && html.charAt(index - 1) === '=') {
      const closing = html.indexOf(character, index + 1);
      if (closing !== -1) index = closing;
    }
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
