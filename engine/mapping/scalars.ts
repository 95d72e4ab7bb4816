import type { Json, Scalar } from '../contract/value.js';
import type { Node } from './tree.js';

const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const OTHER_NUMBER = /^(?:0x[0-9a-fA-F]+|0o[0-7]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** The type of a plain scalar by the core schema of YAML 1.2 (§ 10.3.2); numbers keep their digits. */
export function resolvePlain(text: string): Scalar {
  if (/^(?:~|null|Null|NULL)?$/.test(text)) return { type: 'null', text: '' };
  if (/^(?:true|True|TRUE|false|False|FALSE)$/.test(text))
    return { type: 'boolean', text: text.toLowerCase() };
  if (DECIMAL.test(text) || OTHER_NUMBER.test(text)) return { type: 'number', text };
  return { type: 'string', text };
}

/** Whether a number's text is one that PostgreSQL reads: decimal, neither infinite nor hexadecimal. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/** A whole number that a JS number holds exactly and that is written without leading zeros; else null. */
export function wholeNumber(text: string): number | null {
  if (!/^-?(?:0|[1-9]\d*)$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/**
 * A node as JSON for a step's or rule's argument. A number that JS would write otherwise than the user did
 * (`1.10`, `9007199254740993`) stays text, so that no digit is lost.
 */
export function toJson(node: Node): Json {
  if (node.kind === 'list') return node.items.map(toJson);
  if (node.kind === 'map') {
    return Object.fromEntries(node.entries.map((entry) => [entry.key, toJson(entry.value)]));
  }
  const { type, text } = node.scalar;
  if (type === 'null') return null;
  if (type === 'boolean') return text === 'true';
  if (type === 'number' && String(Number(text)) === text) return Number(text);
  return text;
}

/** The form under which equal keys of a table of values meet: numbers as decimals, all else as text. */
export function comparableKey({ type, text }: Scalar): string {
  if (type !== 'number') return text;
  const match = /^([-+]?)0*(\d*?)(?:\.(\d*?)0*)?$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
  return sign === '-' && digits !== '0' ? `-${digits}` : digits;
}
