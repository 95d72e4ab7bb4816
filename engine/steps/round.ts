import { formatDecimal, parseDecimal, roundDecimal } from '../contract/decimal.js';
import type { StepDefinition } from '../contract/step.js';
import { wholeNumber } from './argument.js';
import { fail } from './quote.js';

export const round: StepDefinition = {
  name: 'round',
  summary:
    'Rounds a number to so many digits after the point, half away from zero, exactly; it always writes that many digits.',
  argument: { type: 'integer', minimum: 0, maximum: 1000, description: 'Digits after the point.' },
  accepts: ['integer', 'numeric', 'float', 'text', 'other'],
  output: 'numeric',
  kind: 'value',
  make: (argument) => {
    const places = wholeNumber(argument, 0, 'round');
    return (value) => {
      const decimal = parseDecimal(value);
      return decimal === null ? fail(value, 'is no number') : formatDecimal(roundDecimal(decimal, places));
    };
  },
  examples: [
    { argument: 2, given: '1.005', gives: '1.01' },
    { argument: 2, given: '-0.125', gives: '-0.13' },
    { argument: 2, given: '7', gives: '7.00' },
    { argument: 0, given: '0.5', gives: '1' },
    { argument: 2, given: 'NaN', gives: { fails: '"NaN" is no number' } },
  ],
};
