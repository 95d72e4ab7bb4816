import { canonicalDecimal } from '../contract/decimal.js';
import type { BaseType } from '../contract/value.js';
import { isNumber } from './value-map.js';

/** Source key → what references to it give. Keys are canonical: see {@link canonicalKey}. */
export interface KeyMap {
  readonly size: number;
  /** Memory that the keys take, roughly. */
  readonly bytes: number;
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  delete(key: string): void;
}

/** A part of a key in the one form of its type. */
function canonicalPart(text: string, type: BaseType): string {
  if (isNumber(type)) return canonicalDecimal(text) ?? canonicalDecimal(text.trim()) ?? text;
  return type !== 'boolean' ? text : text === 't' ? 'true' : text === 'f' ? 'false' : text;
}

/** A key's one form, so that equal keys are equal texts: numbers as decimals, booleans as `true` and `false`. */
export function canonicalKey(texts: readonly string[], types: readonly BaseType[]): string {
  const parts = texts.map((text, n) => canonicalPart(text, types[n] ?? 'text'));
  return parts.length === 1 ? (parts[0] ?? '') : JSON.stringify(parts);
}
