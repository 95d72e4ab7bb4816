import type { StepDefinition } from '../contract/step.js';

export const trim: StepDefinition = {
  name: 'trim',
  summary:
    'Removes white space at both ends: every Unicode space, no-break spaces, tabs, line breaks and a byte order mark.',
  argument: null,
  accepts: ['text', 'other'],
  output: 'text',
  kind: 'value',
  make: () => (value) => value.trim(),
  examples: [
    { given: '  Ada Lovelace \n', gives: 'Ada Lovelace' },
    { given: '\u00a0\ufeff12 Main St\u3000', gives: '12 Main St' },
    { given: '   ', gives: '' },
  ],
};
