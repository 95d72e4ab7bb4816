import { stringify } from 'yaml';
import type { Json } from '../../engine/contract/value.js';

/** First line of every generated page. */
const GENERATED =
  '<!-- Generated from the registries of the engine; to renew: npx vitest run tests/docs/generated.test.ts -u -->';

/** Text as code, backticks in it included; Markdown would take away spaces at its ends, so they are shown. */
export function code(given: string): string {
  const text = given.replace(/^ +| +$/g, (spaces) => '␣'.repeat(spaces.length));
  if (!text.includes('`')) return `\`${text}\``;
  return `\`\` ${text} \`\``;
}

/** A value as a mapping would write it, on one line. */
export function yamlLine(value: Json): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, singleQuote: true }).trimEnd();
}

/** A table; a bar or a line break in a cell would end it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const SHOWN: Readonly<Record<string, string>> = { '\n': '⏎', '\t': '⇥', '|': '\\|' };

/** A bar would end the cell; white space other than a plain space, and signs that cannot be seen, are named. */
const cell = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}|]|(?! )\p{Zs}/gu,
    (sign) => SHOWN[sign] ?? `[U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
  );

/** A page of parts with an empty line between them. */
export function page(parts: readonly string[]): string {
  return [GENERATED, ...parts.filter((part) => part !== '')].join('\n\n');
}
