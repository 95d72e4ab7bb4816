import type { Json } from '../contract/value.js';

/** What YAML 1.2 core reads as text as it stands, in a flow too. */
const PLAIN = /^[\p{L}_][\p{L}\p{N}_./ -]*$/u;
const WORDS = /^(?:true|false|null)$/i;

/** A text as a YAML scalar, in quotes where it needs them. */
export function scalar(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text) && !text.endsWith(' ')) return text;
  // Single quotes know no escapes: line ends and signs that nobody sees need the other ones.
  return /[\p{Cc}\u2028\u2029\ufeff]/u.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
}

/** JSON as YAML on one line. */
export function flow(value: Json): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return scalar(value);
  if (isList(value)) return `[${value.map(flow).join(', ')}]`;
  const entries = Object.entries(value).map(([key, one]) => `${scalar(key)}: ${flow(one)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** A comment's text on one line. */
export const comment = (text: string): string => `# ${text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')}`;

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
