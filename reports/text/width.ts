/** Terminal cells: East Asian wide characters and emoji take two, combining marks none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });
const NARROW = /^[\x20-\x7e]*$/;

/** Cells that plain text (without colour codes) takes in a terminal. */
export function cells(text: string): number {
  if (NARROW.test(text)) return text.length;
  let total = 0;
  for (const character of text) total += widthOf(character);
  return total;
}

/** The first characters of `text` that fit into `width` cells; a text that is cut ends in `…`. */
export function cut(text: string, width: number): string {
  if (cells(text) <= width) return text;
  return width < 1 ? '' : `${take(graphemes(text), width - 1).join('')}…`;
}

/** As {@link cut}, but leaves start and end: names of one family differ at their end. */
export function cutMiddle(text: string, width: number): string {
  if (cells(text) <= width) return text;
  if (width < 5) return cut(text, width);
  const tail = [...take([...graphemes(text)].reverse(), Math.floor((width - 1) / 2))].reverse();
  const head = take(graphemes(text), width - 1 - cells(tail.join('')));
  return `${head.join('')}…${tail.join('')}`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - cells(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - cells(text))) + text;
}

/** Breaks at spaces into lines of at most `width` cells; a longer word stands alone on a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && cells(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  lines.push(line);
  return lines;
}

function take(characters: readonly string[], width: number): readonly string[] {
  let left = width;
  const end = characters.findIndex((character) => (left -= cells(character)) < 0);
  return end === -1 ? characters : characters.slice(0, end);
}

/** What a reader takes for one character: never cut inside. */
function graphemes(text: string): readonly string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}

function widthOf(character: string): number {
  if (/[\p{Mn}\p{Me}\u200b-\u200d\ufe0f]/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
