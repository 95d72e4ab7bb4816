import { canonicalDecimal } from '../contract/decimal.js';

export const NEGATIVES = ['parentheses', 'trailing_minus'] as const;

/** How numbers are written. `group` and `currency` are empty where there are none. */
export interface NumberFormat {
  readonly decimal: string;
  readonly group: string;
  readonly currency: string;
  readonly negative: (typeof NEGATIVES)[number] | null;
}

/** The spaces that are typed between groups of digits: space, no-break, thin, narrow no-break. */
const SPACES = '[ \\u00a0\\u2009\\u202f]';

/**
 * Gives a reader of numbers of one form: canonical decimal text, or null for anything else.
 * At most one sign and one currency, in any order around the digits.
 */
export function numberReader(format: NumberFormat): (value: string) => string | null {
  const digits = digitsPattern(format);
  return (value) => {
    const { text, negative } = unwrap(value, format);
    const found = digits.exec(text)?.groups;
    if (found === undefined) return null;
    const { grouped, plain = '', fraction, exponent = '' } = found;
    if (grouped !== undefined && exponent !== '') return null;
    const whole = grouped?.replace(/[^0-9]/g, '') ?? plain;
    const sql = whole + (fraction === undefined ? '' : `.${fraction}`) + exponent;
    return canonicalDecimal(negative ? `-${sql}` : sql);
  };
}

/**
 * Digits without sign and currency. A group separator stands at every third digit or not at all, and not behind a
 * leading zero: `0,123` is a decimal comma that the mapping does not know of.
 */
function digitsPattern({ decimal, group }: NumberFormat): RegExp {
  const separator = group === '' ? '(?!)' : /^\s$/.test(group) ? SPACES : escape(group);
  const grouped = `(?<grouped>[1-9][0-9]{0,2}(?<separator>${separator})[0-9]{3}(?:\\k<separator>[0-9]{3})*)`;
  const plain = '(?<plain>[0-9]*)';
  const exponent = '(?<exponent>[eE][+-]?[0-9]+)?';
  return new RegExp(`^(?:${grouped}|${plain})(?:${escape(decimal)}(?<fraction>[0-9]*))?${exponent}$`);
}

function escape(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Takes sign and currency off, each once, from whichever side they stand on. */
function unwrap(value: string, { currency, negative }: NumberFormat): { text: string; negative: boolean } {
  let text = value.trim();
  let sign = '';
  let currencyLeft = currency !== '';
  for (;;) {
    if (sign === '' && /^[+-]/.test(text)) {
      sign = text.charAt(0);
      text = text.slice(1);
    } else if (sign === '' && negative === 'trailing_minus' && text.endsWith('-')) {
      sign = '-';
      text = text.slice(0, -1);
    } else if (sign === '' && negative === 'parentheses' && /^\(.*\)$/.test(text)) {
      sign = '-';
      text = text.slice(1, -1);
    } else if (currencyLeft && text.startsWith(currency)) {
      currencyLeft = false;
      text = text.slice(currency.length);
    } else if (currencyLeft && text.endsWith(currency)) {
      currencyLeft = false;
      text = text.slice(0, -currency.length);
    } else {
      return { text, negative: sign === '-' };
    }
    text = text.trim();
  }
}
