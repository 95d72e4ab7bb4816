import type { RuleDefinition } from '../engine/contract/rule.js';
import { ArgumentError } from '../engine/contract/step.js';
import type { BaseType, Json } from '../engine/contract/value.js';
import { part, text } from './argument.js';
import { commonOrdering } from './ordering.js';
import { quote } from './quote.js';

const HOLDS: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ['<', (order) => order < 0],
  ['<=', (order) => order <= 0],
  ['=', (order) => order === 0],
  ['<>', (order) => order !== 0],
  ['!=', (order) => order !== 0],
  ['>=', (order) => order >= 0],
  ['>', (order) => order > 0],
]);

export const compare: RuleDefinition = {
  name: 'compare',
  summary:
    'Two columns stand in the given order: numbers with numbers, dates with timestamps, else columns of one type. A null on either side holds.',
  argument: {
    type: 'object',
    properties: { left: { type: 'string' }, op: { enum: [...HOLDS.keys()] }, right: { type: 'string' } },
    required: ['left', 'op', 'right'],
    additionalProperties: false,
  },
  columns: (argument) => [text(part(argument, 'left'), 'left'), text(part(argument, 'right'), 'right')],
  make: (argument, [leftType = 'other', rightType = 'other']) => {
    const { left, op, right, holds } = readParts(argument);
    const order = orderer(leftType, rightType, op);
    return ([a = null, b = null]) => {
      if (a === null || b === null) return null;
      const found = order(a, b);
      if (found === null) return `${left} ${quote(a)} and ${right} ${quote(b)} cannot be compared`;
      return holds(found) ? null : `${left} ${quote(a)} is not ${op} ${right} ${quote(b)}`;
    };
  },
};

function readParts(argument: Json) {
  const [left, op, right] = ['left', 'op', 'right'].map((name) => text(part(argument, name), name));
  const holds = HOLDS.get(op ?? '');
  if (left === undefined || op === undefined || right === undefined || holds === undefined) {
    throw new ArgumentError(`op must be one of ${[...HOLDS.keys()].join(' ')}`);
  }
  return { left, op, right, holds };
}

/** Types without an order of their own can still be equal: enums and bytes, whose texts are. */
function orderer(left: BaseType, right: BaseType, op: string): (a: string, b: string) => number | null {
  const ordering = commonOrdering(left, right);
  if (ordering !== null) return ordering.compare;
  const equalTexts = left === right && (left === 'other' || left === 'bytea');
  if (equalTexts && ['=', '<>', '!='].includes(op)) return (a, b) => (a === b ? 0 : 1);
  throw new ArgumentError(`${op} cannot compare a column of type ${left} with one of type ${right}`);
}
