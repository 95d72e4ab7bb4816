import type { StepDefinition } from '../contract/step.js';
import { listed } from './argument.js';
import { oneOfValues } from './one-of-values.js';

const SCALAR = { type: ['string', 'number', 'boolean'] };

export const nullIf: StepDefinition = {
  name: 'null_if',
  summary:
    'Turns the listed values into null: texts compare exactly, case and spaces included; numbers by value, so that 0 is also 0.00.',
  argument: { anyOf: [SCALAR, { type: 'array', items: SCALAR, minItems: 1 }] },
  output: 'same',
  kind: 'value',
  make: (argument) => {
    const isListed = oneOfValues(listed(argument), 'null_if');
    return (value) => (isListed(value) ? null : value);
  },
  examples: [
    { argument: '-', given: '-', gives: null },
    { argument: ['-', 'n/a'], given: 'N/A', gives: 'N/A' },
    { argument: 0, given: '0.00', gives: null },
    { argument: '0', given: '0.00', gives: '0.00' },
  ],
};
