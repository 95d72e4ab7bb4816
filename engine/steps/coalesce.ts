import type { StepDefinition } from '../contract/step.js';

export const coalesce: StepDefinition = {
  name: 'coalesce',
  summary:
    'Takes the first of several columns that is not null. The empty text is not null; nothing but nulls is null.',
  argument: null,
  output: 'same',
  kind: 'several',
  make: () => (values) => values.find((value) => value !== null) ?? null,
  examples: [
    { given: [null, 'b', 'c'], gives: 'b' },
    { given: ['', 'b'], gives: '' },
    { given: [null, null], gives: null },
  ],
};
