import type { StepDefinition } from '../contract/step.js';

export const removeNul: StepDefinition = {
  name: 'remove_nul',
  summary: 'Removes the character U+0000, which PostgreSQL text cannot hold.',
  argument: null,
  accepts: ['text', 'other'],
  output: 'text',
  kind: 'value',
  make: () => (value) => (value.includes('\0') ? value.replaceAll('\0', '') : value),
  examples: [
    { given: 'a\0b\0', gives: 'ab' },
    { given: 'ab', gives: 'ab' },
    { given: '\0', gives: '' },
  ],
};
