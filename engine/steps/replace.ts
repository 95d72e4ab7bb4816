import { ArgumentError, type StepDefinition } from '../contract/step.js';
import { part, parts, text } from './argument.js';

export const replace: StepDefinition = {
  name: 'replace',
  summary:
    'Replaces every occurrence of `from` by `to`, character by character: no patterns, case counts. An empty `to` removes it.',
  argument: parts(
    {
      from: { type: 'string', minLength: 1, description: 'What to look for.' },
      to: { type: 'string', description: 'What to put there.' },
    },
    ['from', 'to'],
  ),
  output: 'text',
  kind: 'value',
  make: (argument) => {
    const from = text(part(argument, 'from'), 'from');
    const to = text(part(argument, 'to'), 'to');
    if (from === '') throw new ArgumentError('`from` of replace must not be empty');
    return (value) => (value.includes(from) ? value.split(from).join(to) : value);
  },
  examples: [
    { argument: { from: '-', to: '' }, given: '555-123-4567', gives: '5551234567' },
    { argument: { from: 'USD', to: '$&' }, given: '5 USD', gives: '5 $&' },
    { argument: { from: 'a', to: 'b' }, given: 'ABC', gives: 'ABC' },
  ],
};
