import type { RuleDefinition } from '../engine/contract/rule.js';
import { ArgumentError } from '../engine/contract/step.js';
import type { BaseType, Json } from '../engine/contract/value.js';
import { ends, part, text } from './argument.js';
import { quote } from './quote.js';

const COUNT = { type: 'integer', minimum: 0 };
const TEXTS: ReadonlySet<BaseType> = new Set<BaseType>(['text', 'other']);

export const length: RuleDefinition = {
  name: 'length',
  summary:
    'The text has between `min` and `max` characters, both included, counted as PostgreSQL counts them: code points.',
  argument: {
    type: 'object',
    properties: { column: { type: 'string' }, min: COUNT, max: COUNT },
    required: ['column'],
    additionalProperties: false,
  },
  columns: (argument) => [text(part(argument, 'column'), 'column')],
  make: (argument, [type = 'other']) => {
    if (!TEXTS.has(type)) throw new ArgumentError(`a column of type ${type} has no length; take range`);
    const { min, max } = ends(argument, readCount);
    const [least, most] = [min ?? 0, max ?? Infinity];
    if (least > most) throw new ArgumentError(`min ${least} is above max ${most}: no text can hold`);
    return ([value = null]) => {
      if (value === null || (value.length <= most && value.length >= 2 * least)) return null;
      const characters = countCharacters(value);
      if (characters < least) return `${quote(value)} has ${characters} characters, fewer than ${least}`;
      if (characters > most) return `${quote(value)} has ${characters} characters, more than ${most}`;
      return null;
    };
  },
};

function readCount(json: Json, name: string): number {
  if (typeof json === 'number' && Number.isSafeInteger(json) && json >= 0) return json;
  throw new ArgumentError(`${name} of length must be a whole number of characters`);
}

function countCharacters(value: string): number {
  let count = 0;
  for (let index = 0; index < value.length; index++) {
    if ((value.codePointAt(index) ?? 0) > 0xffff) index++;
    count++;
  }
  return count;
}
