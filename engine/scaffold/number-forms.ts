import type { Json } from '../contract/value.js';

export interface NumberForm {
  readonly steps: readonly Json[];
  readonly todo: readonly string[];
}

const PLAIN = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)\s*$/;

/** How texts hold numbers; null where they are plain ones. @param values some of them */
export function numberForm(values: readonly string[]): NumberForm | null {
  const told = values.filter((value) => value.trim() !== '');
  const empty = told.length < values.length ? ['empty_to_null'] : [];
  if (told.every((value) => PLAIN.test(value))) {
    return empty.length === 0 ? null : { steps: ['trim', ...empty], todo: [] };
  }
  const decimal = told.some((value) => /\d,\d{1,2}\)?\s*\p{Sc}?$/u.test(value)) ? ',' : '.';
  const group = decimal === ',' ? '.' : ',';
  const currency = told.map((value) => /\p{Sc}/u.exec(value)?.[0]).find((sign) => sign !== undefined);
  const number = {
    ...(decimal === ',' ? { decimal } : {}),
    ...(told.some((value) => value.includes(group) && new RegExp(`\\d\\${group}\\d{3}(?!\\d)`).test(value))
      ? { group }
      : {}),
    ...(currency === undefined ? {} : { currency }),
    ...(told.some((value) => /^\s*\(.*\)\s*$/.test(value)) ? { negative: 'parentheses' } : {}),
  };
  const step = Object.keys(number).length === 0 ? 'number' : { number };
  return { steps: [...empty, step], todo: ['are all numbers written so?'] };
}
