import type { StepDefinition } from '../contract/step.js';
import { wholeNumber } from './argument.js';
import { indexAfter } from './characters.js';

export const truncate: StepDefinition = {
  name: 'truncate',
  summary:
    'Cuts the text after so many characters, counted as PostgreSQL counts them for varchar(n): code points, so an emoji is never cut in half.',
  argument: { type: 'integer', minimum: 0, description: 'The most characters that are kept.' },
  output: 'text',
  kind: 'value',
  make: (argument) => {
    const most = wholeNumber(argument, 0, 'truncate');
    return (value) => (value.length <= most ? value : value.slice(0, indexAfter(value, most)));
  },
  examples: [
    { argument: 3, given: 'Crosswalk', gives: 'Cro' },
    { argument: 2, given: '👍👍👍', gives: '👍👍' },
    { argument: 20, given: 'short', gives: 'short' },
  ],
};
