import type { StepDefinition } from '../contract/step.js';

export const emptyToNull: StepDefinition = {
  name: 'empty_to_null',
  summary: 'Turns the empty text into null. White space is not empty: put `trim` before it.',
  argument: null,
  accepts: ['text', 'other'],
  output: 'same',
  kind: 'value',
  make: () => (value) => (value === '' ? null : value),
  examples: [
    { given: '', gives: null },
    { given: ' ', gives: ' ' },
    { given: '0', gives: '0' },
  ],
};
