import { canonicalDecimal } from '../contract/decimal.js';
import { ArgumentError, type StepDefinition } from '../contract/step.js';
import { oneOf, part, parts, textOr, word } from './argument.js';
import { NEGATIVES, numberReader } from './number-format.js';
import { fail } from './quote.js';

export const number: StepDefinition = {
  name: 'number',
  summary:
    'Reads an exact number and writes it plainly, without zeros at the end of its fraction. Bare it takes SQL numbers alone (-1.50, .5, 1e3), spaces around them left out; separators, a currency and other signs only as told.',
  argument: parts(
    {
      decimal: {
        type: 'string',
        minLength: 1,
        maxLength: 1,
        description: 'The decimal point; `.` by default.',
      },
      group: {
        type: 'string',
        minLength: 1,
        maxLength: 1,
        description:
          'Between groups of three digits, at all of them or none; not behind a leading zero. A space also stands for no-break spaces.',
      },
      currency: { type: 'string', minLength: 1, description: 'May stand before or after the number.' },
      negative: oneOf(NEGATIVES, 'How a negative number may be written besides a leading minus.'),
    },
    [],
  ),
  argumentOptional: true,
  accepts: ['text', 'other', 'integer', 'numeric', 'float'],
  output: 'numeric',
  kind: 'value',
  make: (argument) => {
    const read = argument === null ? readPlain : numberReader(formatOf(argument));
    return (value) => read(value) ?? fail(value, 'is no number of this form');
  },
  examples: [
    { given: ' 012.50 ', gives: '12.5' },
    { given: '1,234', gives: { fails: '"1,234" is no number of this form' } },
    { argument: { decimal: ',', group: '.', currency: '€' }, given: '1.234,50 €', gives: '1234.5' },
    {
      argument: { group: ',', currency: '$', negative: 'parentheses' },
      given: '($1,234.50)',
      gives: '-1234.5',
    },
    { argument: { group: ',', currency: '$' }, given: '-$5', gives: '-5' },
    { argument: { negative: 'trailing_minus' }, given: '12.00-', gives: '-12' },
    { argument: { group: ',' }, given: '12,34', gives: { fails: '"12,34" is no number of this form' } },
  ],
};

function readPlain(value: string): string | null {
  return canonicalDecimal(value) ?? canonicalDecimal(value.trim());
}

function formatOf(argument: Parameters<StepDefinition['make']>[0]) {
  const decimal = textOr(part(argument, 'decimal'), '.', 'decimal');
  const group = textOr(part(argument, 'group'), '', 'group');
  const currency = textOr(part(argument, 'currency'), '', 'currency').trim();
  const negative = part(argument, 'negative');
  if (group === decimal)
    throw new ArgumentError(`number: "${group}" cannot part groups and be the decimal point`);
  for (const separator of [decimal, group]) {
    if (/[0-9eE+()-]/.test(separator))
      throw new ArgumentError(`number: "${separator}" cannot be a separator`);
  }
  if (/[0-9+()-]/.test(currency)) throw new ArgumentError(`number: "${currency}" cannot be a currency`);
  return {
    decimal,
    group,
    currency,
    negative: negative === undefined ? null : word(negative, NEGATIVES, 'negative'),
  };
}
