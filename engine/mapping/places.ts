import type { LineCounter } from 'yaml';
import type { Position } from '../contract/problem.js';

/** Offsets of one file's text as positions. A position never reaches beyond its first line. */
export class Places {
  readonly #file: string;
  readonly #text: string;
  readonly #lines: LineCounter;

  constructor(file: string, text: string, lines: LineCounter) {
    this.#file = file;
    this.#text = text;
    this.#lines = lines;
  }

  slice(start: number, end: number): string {
    return this.#text.slice(start, end);
  }

  /** From `start` to `end`, cut at the end of the line; at least one unit long. */
  span(start: number, end: number): Position {
    const { line, col } = this.#lines.linePos(start);
    const length = Math.max(1, Math.min(end, this.endOfLine(start)) - start);
    return { file: this.#file, line, column: col, length };
  }

  /** As {@link span}; what lies behind the last text of the file marks that text's end. */
  visible(start: number, end: number): Position {
    const last = Math.max(0, this.#text.trimEnd().length - 1);
    return start > last ? this.span(last, last + 1) : this.span(start, end);
  }

  endOfLine(offset: number): number {
    const newline = this.#text.indexOf('\n', offset);
    const end = newline < 0 ? this.#text.length : newline;
    return end > offset && this.#text[end - 1] === '\r' ? end - 1 : end;
  }

  /** The first character of a block scalar that is no white space; `start` is its `|` or `>`. */
  blockText(start: number, end: number): Position {
    const newline = this.#text.indexOf('\n', start);
    if (newline < 0 || newline >= end) return this.span(start, end);
    const space = /\s*/.exec(this.#text.slice(newline, end))?.[0].length ?? 0;
    const first = newline + space;
    return first >= end ? this.span(start, end) : this.span(first, end);
  }
}
