import { maskSecrets } from '../contract/secrets.js';

/** Terminal columns of a line of code at the most. */
const LINE_WIDTH = 100;
const TAB = 4;

/** A line of code as printed, and where the mark under it begins and how wide it is, in terminal columns. */
export interface Excerpt {
  readonly code: string;
  readonly before: number;
  readonly width: number;
}

/** One printed character and the columns that it takes. */
interface Cell {
  readonly text: string;
  readonly width: number;
}

/**
 * Cuts a long line around the marked text. `start` and `length` count UTF-16 units of `line`; tabs become
 * spaces, a control character one visible character, a wide character two columns.
 */
export function excerpt(line: string, start: number, length: number): Excerpt {
  const masked = maskSecrets(line);
  const head = cells(masked.slice(0, start), 0);
  const marked = cells(masked.slice(start, start + length), total(head));
  const tail = cells(masked.slice(start + length), total(head) + total(marked));
  const shownMark = take(marked, LINE_WIDTH - 20);
  const rest = LINE_WIDTH - total(shownMark);
  const keptHead =
    total(head) <= rest - Math.min(20, total(tail)) ? head : lastOf(head, Math.floor(rest / 2));
  const cutHead = keptHead.length < head.length;
  const cutMark = shownMark.length < marked.length;
  const keptTail = cutMark ? [] : take(tail, rest - total(keptHead));
  const cutTail = cutMark || keptTail.length < tail.length;
  const code = `${cutHead ? '…' : ''}${join(keptHead)}${join(shownMark)}${join(keptTail)}${cutTail ? '…' : ''}`;
  return { code, before: total(keptHead) + (cutHead ? 1 : 0), width: Math.max(1, total(shownMark)) };
}

/** Text that cannot move the cursor or change colours: control characters become visible. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

function cells(text: string, column: number): Cell[] {
  const segments = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text);
  const found: Cell[] = [];
  let at = column;
  for (const { segment } of segments) {
    const spaces = TAB - (at % TAB);
    const cell =
      segment === '\t'
        ? { text: ' '.repeat(spaces), width: spaces }
        : { text: printable(segment), width: columns(segment) };
    found.push(cell);
    at += cell.width;
  }
  return found;
}

/** Terminal columns of one grapheme: two for East Asian wide characters and emoji. */
function columns(grapheme: string): number {
  if (/^\p{Mark}+$/u.test(grapheme)) return 0;
  const wide =
    /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
  return wide.test(grapheme) ? 2 : 1;
}

function take(from: readonly Cell[], width: number): Cell[] {
  let used = 0;
  const end = from.findIndex((cell) => (used += cell.width) > width);
  return end < 0 ? [...from] : from.slice(0, end);
}

function lastOf(from: readonly Cell[], width: number): Cell[] {
  return take([...from].reverse(), width).reverse();
}

function total(of: readonly Cell[]): number {
  return of.reduce((sum, cell) => sum + cell.width, 0);
}

function join(of: readonly Cell[]): string {
  return of.map((cell) => cell.text).join('');
}
