import { ArgumentError, type StepDefinition } from '../contract/step.js';
import { oneOf, part, parts, textOr, wholeNumber, word } from './argument.js';
import { countCharacters } from './characters.js';

const SIDES = ['left', 'right'] as const;

export const pad: StepDefinition = {
  name: 'pad',
  summary:
    'Fills the text up to `length` characters with one character, a space by default, on the left by default; a longer text stays whole.',
  argument: parts(
    {
      length: { type: 'integer', minimum: 1, description: 'The least characters of the result.' },
      with: { type: 'string', minLength: 1, description: 'The character to fill with.' },
      side: oneOf(SIDES, 'Where to fill.'),
    },
    ['length'],
  ),
  output: 'text',
  kind: 'value',
  make: (argument) => {
    const length = wholeNumber(part(argument, 'length'), 1, 'length');
    const filler = textOr(part(argument, 'with'), ' ', 'with');
    const side = word(part(argument, 'side') ?? 'left', SIDES, 'side');
    if (countCharacters(filler) !== 1) throw new ArgumentError('`with` of pad must be one character');
    return (value) => {
      const filling = filler.repeat(Math.max(0, length - countCharacters(value)));
      return side === 'left' ? filling + value : value + filling;
    };
  },
  examples: [
    { argument: { length: 5, with: '0', side: 'left' }, given: '42', gives: '00042' },
    { argument: { length: 4, side: 'right' }, given: 'ab', gives: 'ab  ' },
    { argument: { length: 2, with: '0' }, given: '12345', gives: '12345' },
  ],
};
