import { formatCanonical, multiplyDecimals, parseDecimal } from '../contract/decimal.js';
import { ArgumentError, type StepDefinition } from '../contract/step.js';
import { text } from './argument.js';
import { fail } from './quote.js';

export const scale: StepDefinition = {
  name: 'scale',
  summary:
    'Multiplies a number exactly, without zeros at the end of the result: 100 makes cents of dollars, "0.01" dollars of cents.',
  argument: {
    type: ['number', 'string'],
    description: 'The factor; as text where its digits must be exact.',
  },
  accepts: ['integer', 'numeric', 'float', 'text', 'other'],
  output: 'numeric',
  kind: 'value',
  make: (argument) => {
    const written = text(argument, 'scale');
    const factor = parseDecimal(written);
    if (factor === null) throw new ArgumentError(`scale takes a number, and "${written}" is none`);
    return (value) => {
      const decimal = parseDecimal(value);
      return decimal === null
        ? fail(value, 'is no number')
        : formatCanonical(multiplyDecimals(decimal, factor));
    };
  },
  examples: [
    { argument: 100, given: '19.99', gives: '1999' },
    { argument: '0.01', given: '-1999', gives: '-19.99' },
    { argument: 100, given: '12345678901234567890.125', gives: '1234567890123456789012.5' },
    { argument: 100, given: '', gives: { fails: '"" is no number' } },
  ],
};
