import type { RuleDefinition } from '../engine/contract/rule.js';
import { ArgumentError } from '../engine/contract/step.js';
import type { BaseType, Json } from '../engine/contract/value.js';
import { ends, part, text } from './argument.js';
import { orderingOf } from './ordering.js';
import { quote } from './quote.js';

const BOUND = { type: ['number', 'string'] };

export const range: RuleDefinition = {
  name: 'range',
  summary:
    'The column lies between `min` and `max`, both included, in the order of its type: numbers exactly, dates and times in time (without an offset: UTC), text by code points.',
  argument: {
    type: 'object',
    properties: { column: { type: 'string' }, min: BOUND, max: BOUND },
    required: ['column'],
    additionalProperties: false,
  },
  columns: (argument) => [text(part(argument, 'column'), 'column')],
  make: (argument, [type = 'other']) => {
    const { min, max } = ends(argument, (json, name) => readBound(json, name, type));
    if (min !== null && max !== null && (min.compare(max.shown) ?? 0) < 0) {
      throw new ArgumentError(`min ${min.shown} is above max ${max.shown}: no value can hold`);
    }
    return ([value = null]) => {
      if (value === null) return null;
      const [low, high] = [min === null ? 0 : min.compare(value), max === null ? 0 : max.compare(value)];
      if (low === null || high === null) return `${quote(value)} is no ${type}`;
      if (min !== null && low < 0) return `${quote(value)} is below ${min.shown}`;
      if (max !== null && high > 0) return `${quote(value)} is above ${max.shown}`;
      return null;
    };
  },
};

interface Bound {
  readonly shown: string;
  /** A value against the bound; null where the value is none of the type. */
  readonly compare: (value: string) => number | null;
}

function readBound(json: Json, name: string, type: BaseType): Bound {
  const shown = text(json, name);
  const ordering = orderingOf(type);
  if (ordering === null) throw new ArgumentError(`a column of type ${type} has no order, so it has no range`);
  const compare = ordering.comparerTo(shown);
  if (compare === null) throw new ArgumentError(`${name} ${quote(shown)} is no ${type}, which the column is`);
  return { shown, compare };
}
