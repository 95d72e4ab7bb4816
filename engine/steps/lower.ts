import type { StepDefinition } from '../contract/step.js';

export const lower: StepDefinition = {
  name: 'lower',
  summary:
    'Turns letters into lower case by the rules of Unicode, the same for every language: İ becomes i with a dot above, which PostgreSQL leaves to the collation.',
  argument: null,
  accepts: ['text', 'other'],
  output: 'text',
  kind: 'value',
  make: () => (value) => value.toLowerCase(),
  examples: [
    { given: 'ADA Lovelace', gives: 'ada lovelace' },
    { given: 'ÉCOLE', gives: 'école' },
    { given: 'ΟΔΟΣ', gives: 'οδος' },
  ],
};
