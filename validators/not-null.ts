import type { RuleDefinition } from '../engine/contract/rule.js';
import type { Json } from '../engine/contract/value.js';
import { listed, text } from './argument.js';

const columns = (argument: Json) => listed(argument).map((column) => text(column, 'a column'));

export const notNull: RuleDefinition = {
  name: 'not_null',
  summary: 'Every one of the columns has a value. The empty text is one.',
  argument: { type: 'array', items: { type: 'string' }, minItems: 1, description: 'Target columns.' },
  columns,
  make: (argument) => {
    const names = columns(argument);
    return (values) => {
      const missing = values.indexOf(null);
      return missing === -1 ? null : `${names[missing] ?? 'a column'} is null`;
    };
  },
};
