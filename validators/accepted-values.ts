import { canonicalDecimal } from '../engine/contract/decimal.js';
import type { RuleDefinition } from '../engine/contract/rule.js';
import { ArgumentError } from '../engine/contract/step.js';
import type { BaseType, Json } from '../engine/contract/value.js';
import { listed, part, text } from './argument.js';
import { orderingOf } from './ordering.js';
import { cut, quote } from './quote.js';

const SCALAR = { type: ['string', 'number', 'boolean'] };

export const acceptedValues: RuleDefinition = {
  name: 'accepted_values',
  summary:
    'The column holds one of the listed values. Numbers compare by value (1 is 1.0), dates and times as such, all else as text.',
  argument: {
    type: 'object',
    properties: { column: { type: 'string' }, values: { type: 'array', items: SCALAR, minItems: 1 } },
    required: ['column', 'values'],
    additionalProperties: false,
  },
  columns: (argument) => [text(part(argument, 'column'), 'column')],
  make: (argument, [type = 'other']) => {
    const values = listed(part(argument, 'values'));
    const accepts = membership(values, type);
    const shown = cut(values.map((value) => text(value, 'a value')).join(', '));
    return ([value = null]) =>
      value === null || accepts(value) ? null : `${quote(value)} is none of ${shown}`;
  },
};

const BY_VALUE: ReadonlySet<BaseType> = new Set<BaseType>([
  'date',
  'timestamp',
  'timestamptz',
  'time',
  'uuid',
]);
const NUMBERS: ReadonlySet<BaseType> = new Set<BaseType>(['integer', 'numeric', 'float']);

function membership(values: readonly Json[], type: BaseType): (value: string) => boolean {
  const texts = values.map((value) => text(value, 'a value'));
  if (BY_VALUE.has(type)) return amongOrdered(texts, type);
  if (NUMBERS.has(type)) return amongNumbers(texts, type);
  if (type === 'boolean' && !texts.every((each) => each === 'true' || each === 'false')) {
    throw new ArgumentError('a boolean column accepts true and false alone');
  }
  const exact = new Set(texts);
  const numbers = values.filter((value) => typeof value === 'number').map(String);
  if (numbers.length === 0) return (value) => exact.has(value);
  const isNumber = amongNumbers(numbers, type);
  return (value) => exact.has(value) || isNumber(value);
}

function amongNumbers(texts: readonly string[], type: BaseType): (value: string) => boolean {
  const accepted = new Set(texts.map((each) => canonicalDecimal(each) ?? special(each, type)));
  return (value) => accepted.has(value) || accepted.has(canonicalDecimal(value) ?? value);
}

/** Values of numeric and float that are no decimals. */
function special(written: string, type: BaseType): string {
  if (type !== 'integer' && /^(?:NaN|-?Infinity)$/.test(written)) return written;
  throw new ArgumentError(`${quote(written)} is no ${type} and can never be in the column`);
}

function amongOrdered(texts: readonly string[], type: BaseType): (value: string) => boolean {
  const comparers = texts.map((each) => {
    const comparer = orderingOf(type)?.comparerTo(each) ?? null;
    if (comparer === null)
      throw new ArgumentError(`${quote(each)} is no ${type} and can never be in the column`);
    return comparer;
  });
  return (value) => comparers.some((compare) => compare(value) === 0);
}
