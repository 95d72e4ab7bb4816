import { ArgumentError, type StepDefinition } from '../contract/step.js';
import type { Json } from '../contract/value.js';
import { listed, part, parts, text } from './argument.js';
import { oneOfValues } from './one-of-values.js';
import { fail } from './quote.js';

/** PostgreSQL's own words, without its abbreviations of them (`tr`, `ye`). */
const TRUE = ['t', 'true', 'y', 'yes', 'on', '1'];
const FALSE = ['f', 'false', 'n', 'no', 'off', '0'];

const SCALAR = { type: ['string', 'number', 'boolean'] };
const VALUES: Json = { anyOf: [SCALAR, { type: 'array', items: SCALAR, minItems: 1 }] };

export const boolean: StepDefinition = {
  name: 'boolean',
  summary:
    'Reads true or false. Bare: t true y yes on 1 and f false n no off 0, in any case, spaces around them left out. With an argument only the listed values: texts exactly, numbers by value.',
  argument: parts({ true: VALUES, false: VALUES }, ['true', 'false']),
  argumentOptional: true,
  accepts: ['text', 'other', 'boolean', 'integer', 'numeric'],
  output: 'boolean',
  kind: 'value',
  make: (argument) => (argument === null ? readWord : readListed(argument)),
  examples: [
    { given: ' Yes ', gives: 'true' },
    { given: '0', gives: 'false' },
    { argument: { true: ['Y', 1], false: ['N', 0] }, given: '1.00', gives: 'true' },
    {
      argument: { true: ['Y', 1], false: ['N', 0] },
      given: 'y',
      gives: { fails: '"y" is neither true nor false' },
    },
    { given: '2', gives: { fails: '"2" is neither true nor false' } },
  ],
};

const WORDS = new Map([
  ...TRUE.map((word): [string, string] => [word, 'true']),
  ...FALSE.map((word): [string, string] => [word, 'false']),
]);

function readWord(value: string) {
  const found = WORDS.get(value) ?? WORDS.get(value.trim().toLowerCase());
  return found ?? fail(value, 'is neither true nor false');
}

function readListed(argument: Json) {
  const isTrue = oneOfValues(listed(part(argument, 'true')), 'boolean');
  const isFalse = oneOfValues(listed(part(argument, 'false')), 'boolean');
  const both = listed(part(argument, 'true'))
    .map((value) => text(value, 'boolean'))
    .find(isFalse);
  if (both !== undefined) throw new ArgumentError(`boolean lists "${both}" as true and as false`);
  return (value: string) =>
    isTrue(value) ? 'true' : isFalse(value) ? 'false' : fail(value, 'is neither true nor false');
}
