import { visible } from '../format.js';

/** A stranger's text as a paragraph of Markdown shows it: nothing in it is markup, a mention or a link. */
export function prose(text: string): string {
  return visible(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/[\\`*_{}[\]()#+!|~>]/g, '\\$&')
    .replace(/@|:(?=\/\/)/g, (sign) => `${sign}\u200b`);
}

/** As {@link prose}, in a cell of a table. */
export const cell = (text: string): string => prose(text);

/** Code whose text may hold backticks and bars. */
export function code(text: string): string {
  const shown = visible(text).replace(/\|/g, '\\|');
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${shown}${fence}` : `${fence} ${shown} ${fence}`;
}

/** Text in which backticks hold code. */
export const withCode = (text: string): string =>
  text
    .split('`')
    .map((part, n) => (n % 2 === 1 ? code(part) : prose(part)))
    .join('');

/** @param words leading columns that stand to the left; those after them are numbers */
export function tableOf(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  words: number,
): string {
  const rule = heads.map((_, n) => (words === 0 || n < words ? '---' : '--:'));
  return [heads, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

export const lines = (all: readonly string[]): string =>
  all
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
