import { isCollection, isMap, isNode, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml';
import type { DraftColumn } from './draft.js';
import { columnLines } from './write.js';

/**
 * A mapping's text with columns added behind those that it lists; no other byte changes.
 * @returns null where the text has no place for them: it is no mapping, or is written in a way that cannot be added to
 */
export function withColumns(text: string, columns: readonly DraftColumn[]): string | null {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const list = columnsOf(text);
  const lines = (indent: string): readonly string[] => columnLines(columns, indent);
  let added: string | null = null;
  if (list === 'none') {
    const end = text === '' || text.endsWith('\n') ? '' : newline;
    added = `${text}${end}${['', 'columns:', ...lines('  ')].join(newline)}${newline}`;
  } else if (list !== null && !list.flow) {
    const first = list.items[0]?.key;
    const at = isNode(first) ? first.range?.[0] : undefined;
    const last = lastOf(list);
    if (at === undefined || last === null) return null;
    const indent = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
    if (indent.trim() !== '') return null;
    const place = behindComments(text, last, indent);
    const before = text.slice(0, place);
    const seam = before.endsWith('\n') ? '' : newline;
    added = `${before}${seam}${lines(indent).join(newline)}${newline}${text.slice(place)}`;
  } else if (list !== null) {
    added = intoFlow(text, list, lines('    '), newline);
  }
  return added !== null && parseDocument(added).errors.length === 0 ? added : null;
}

/** The map under `columns`; `none` where a mapping has no such key, null where it is something else. */
function columnsOf(text: string): YAMLMap | 'none' | null {
  const document = parseDocument(text);
  if (document.errors.length > 0 || !isMap(document.contents)) return null;
  const { contents } = document;
  if (contents.flow === true) return null;
  if (!contents.has('columns')) return 'none';
  const list = contents.get('columns');
  return isMap(list) ? list : null;
}

/** Where the text of the last entry ends, whatever it consists of. */
function lastOf(list: YAMLMap): number | null {
  let found: Node | null = list;
  for (;;) {
    if (!isCollection(found) || found.flow === true) break;
    const item: unknown = found.items.at(-1);
    const next: unknown = isMap(found) ? ends(item as Pair) : item;
    if (!isNode(next)) break;
    found = next;
  }
  return found.range?.[1] ?? null;
}

const ends = ({ key, value }: Pair): unknown => (isNode(value) ? value : key);

/** The end of the line at `place`, and of the comments behind it that are indented as the map is. */
function behindComments(text: string, place: number, indent: string): number {
  // A block scalar ends behind its last line already.
  let at = text[place - 1] === '\n' ? place : lineEnd(text, place);
  for (;;) {
    const next = lineEnd(text, at);
    const line = text.slice(at, next);
    if (next === at || !line.startsWith(`${indent}#`)) return at;
    at = next;
  }
}

/** The place behind the line's end. */
function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end + 1;
}

/** `{ a: b }` and `{ a: b, }`: the lines go in front of the closing brace, each with a comma. */
function intoFlow(text: string, list: YAMLMap, lines: readonly string[], newline: string): string | null {
  const last = list.items.at(-1);
  const node = last === undefined ? null : ends(last);
  const at = isNode(node) ? node.range?.[1] : (list.range?.[0] ?? -1) + 1;
  const end = list.range?.[1];
  if (at === undefined || end === undefined || at < 1) return null;
  const rest = text.slice(at, end - 1);
  // A comma inside a comment is none.
  const hasComma = /^\s*,/.test(rest);
  const comma = last === undefined || hasComma ? '' : ',';
  const place = hasComma ? at + rest.indexOf(',') + 1 : at;
  const parted = lines.map((line) => commaBefore(line)).join(newline);
  // A comment behind the last entry stays with it.
  const tail = /^[^\S\n]*#.*/.exec(text.slice(place))?.[0] ?? '';
  const seam = place + tail.length;
  return `${text.slice(0, place)}${comma}${text.slice(place, seam)}${newline}${parted}${newline}${text.slice(seam).replace(/^\r?\n/, '')}`;
}

/** A comma behind the entry of a line, in front of its comment. */
function commaBefore(line: string): string {
  if (line.trimStart().startsWith('#')) return line;
  const at = line.indexOf(' # TODO');
  return at < 0 ? `${line},` : `${line.slice(0, at)},${line.slice(at)}`;
}

/** The columns that a mapping's text speaks of: those that it lists, and those that stand commented out. */
export function spokenOf(text: string): ReadonlySet<string> {
  const list = columnsOf(text);
  const listed = list === null || list === 'none' ? [] : list.items.map(({ key }) => String(key));
  const commented = [...text.matchAll(/^\s*#\s*(?:'((?:[^']|'')+)'|"([^"]+)"|([^\s:'"]+)):(?:\s|$)/gm)];
  const left = [...text.matchAll(/# left to the database: (.*)$/gm)].flatMap(([, names = '']) =>
    names.trim().split(', '),
  );
  return new Set([
    ...listed,
    ...left,
    ...commented.map(([, single, double, bare]) => single?.replaceAll("''", "'") ?? double ?? bare ?? ''),
  ]);
}
