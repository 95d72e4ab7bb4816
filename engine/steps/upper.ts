import type { StepDefinition } from '../contract/step.js';

export const upper: StepDefinition = {
  name: 'upper',
  summary:
    'Turns letters into upper case by the rules of Unicode, the same for every language; the text may grow (ß is SS; PostgreSQL leaves it, unless the collation is an ICU one).',
  argument: null,
  accepts: ['text', 'other'],
  output: 'text',
  kind: 'value',
  make: () => (value) => value.toUpperCase(),
  examples: [
    { given: 'ny', gives: 'NY' },
    { given: 'école', gives: 'ÉCOLE' },
    { given: 'Straße', gives: 'STRASSE' },
  ],
};
