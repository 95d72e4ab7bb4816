import type { StepDefinition } from '../contract/step.js';
import { text } from './argument.js';

export const join: StepDefinition = {
  name: 'join',
  summary:
    'Joins the values of several columns with a text between them. Nulls are left out, empty texts are not; nothing but nulls is null.',
  argument: { type: 'string', description: 'The text between the values.' },
  output: 'text',
  kind: 'several',
  make: (argument) => {
    const between = text(argument, 'join');
    return (values) => {
      const present = values.filter((value) => value !== null);
      return present.length === 0 ? null : present.join(between);
    };
  },
  examples: [
    { argument: ' ', given: ['Ada', 'Lovelace'], gives: 'Ada Lovelace' },
    { argument: ' ', given: ['Ada', null, 'Lovelace'], gives: 'Ada Lovelace' },
    { argument: ', ', given: ['', 'x'], gives: ', x' },
    { argument: ' ', given: [null, null], gives: null },
  ],
};
