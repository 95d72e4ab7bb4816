import type { StepDefinition } from '../contract/step.js';

/** Nothing but a single space between words, so that most values need no replacing. */
const NEEDED = /[^\S ]|\s\s|^\s|\s$/;

export const collapseWhitespace: StepDefinition = {
  name: 'collapse_whitespace',
  summary:
    'Turns each run of white space, line breaks included, into one space and removes it at both ends, as XML Schema collapses.',
  argument: null,
  accepts: ['text', 'other'],
  output: 'text',
  kind: 'value',
  make: () => (value) => (NEEDED.test(value) ? value.replace(/\s+/g, ' ').trim() : value),
  examples: [
    { given: 'Ada   Lovelace', gives: 'Ada Lovelace' },
    { given: ' 12\tMain\r\nSt\u00a0 ', gives: '12 Main St' },
    { given: '  ', gives: '' },
  ],
};
