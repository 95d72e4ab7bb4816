import { ArgumentError, type StepDefinition } from '../contract/step.js';
import { listed, text } from './argument.js';

export const concat: StepDefinition = {
  name: 'concat',
  summary: 'Puts one text before the value and one after it; null stays null.',
  argument: {
    type: 'array',
    items: { type: 'string' },
    minItems: 2,
    maxItems: 2,
    description: 'The text before and the text after; either may be empty.',
  },
  output: 'text',
  kind: 'value',
  make: (argument) => {
    const [before, after, ...more] = listed(argument);
    if (after === undefined || more.length > 0) {
      throw new ArgumentError('concat takes two texts, one before and one after, as in ["(", ")"]');
    }
    const [prefix, suffix] = [text(before, 'concat'), text(after, 'concat')];
    return (value) => prefix + value + suffix;
  },
  examples: [
    { argument: [' (', ')'], given: 'x', gives: ' (x)' },
    { argument: ['INV-', ''], given: '42', gives: 'INV-42' },
    { argument: ['<', '>'], given: '', gives: '<>' },
  ],
};
