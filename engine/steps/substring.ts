import type { StepDefinition } from '../contract/step.js';
import { part, parts, wholeNumber } from './argument.js';
import { indexAfter } from './characters.js';

export const substring: StepDefinition = {
  name: 'substring',
  summary:
    'Takes the characters from `start`, counted from 1, as many as `length` says or to the end; what lies behind the end is empty.',
  argument: parts(
    {
      start: { type: 'integer', minimum: 1, description: 'The first character, from 1.' },
      length: { type: 'integer', minimum: 0, description: 'How many; left out: to the end.' },
    },
    ['start'],
  ),
  output: 'text',
  kind: 'value',
  make: (argument) => {
    const start = wholeNumber(part(argument, 'start'), 1, 'start') - 1;
    const given = part(argument, 'length');
    const length = given === undefined ? Infinity : wholeNumber(given, 0, 'length');
    return (value) => {
      const rest = value.slice(indexAfter(value, start));
      return rest.slice(0, indexAfter(rest, length));
    };
  },
  examples: [
    { argument: { start: 1, length: 3 }, given: 'Crosswalk', gives: 'Cro' },
    { argument: { start: 6 }, given: 'Crosswalk', gives: 'walk' },
    { argument: { start: 2, length: 1 }, given: '👍é👎', gives: 'é' },
    { argument: { start: 9, length: 2 }, given: 'short', gives: '' },
  ],
};
