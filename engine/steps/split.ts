import { ArgumentError, type StepDefinition } from '../contract/step.js';
import { part, parts, text, wholeNumber } from './argument.js';

export const split: StepDefinition = {
  name: 'split',
  summary:
    'Cuts the text at every `on` and takes one part: from 1, negative from the end. A part that is not there is null.',
  argument: parts(
    {
      on: { type: 'string', minLength: 1, description: 'The text between the parts.' },
      part: { type: 'integer', description: '1 is the first part, -1 the last.' },
    },
    ['on', 'part'],
  ),
  output: 'text',
  kind: 'value',
  make: (argument) => {
    const on = text(part(argument, 'on'), 'on');
    const number = wholeNumber(part(argument, 'part'), -1_000_000, 'part');
    if (on === '') throw new ArgumentError('`on` of split must not be empty');
    if (number === 0)
      throw new ArgumentError('`part` of split counts from 1, or from -1 at the end; 0 is none');
    const index = number > 0 ? number - 1 : number;
    return (value) => value.split(on).at(index) ?? null;
  },
  examples: [
    { argument: { on: '?', part: 1 }, given: 'https://x.org/a?b=c', gives: 'https://x.org/a' },
    { argument: { on: '?', part: 1 }, given: 'https://x.org/a', gives: 'https://x.org/a' },
    { argument: { on: '/', part: -1 }, given: 'a/b/c.pdf', gives: 'c.pdf' },
    { argument: { on: ' ', part: 2 }, given: 'Cher', gives: null },
  ],
};
