import type { RuleDefinition } from '../engine/contract/rule.js';
import { ArgumentError } from '../engine/contract/step.js';
import type { BaseType } from '../engine/contract/value.js';
import { compilePattern, PatternError, type Pattern } from '../engine/patterns/pattern.js';
import { part, text } from './argument.js';
import { cut, quote } from './quote.js';

const TEXTS: ReadonlySet<BaseType> = new Set<BaseType>(['text', 'other', 'uuid']);

export const pattern: RuleDefinition = {
  name: 'pattern',
  summary:
    "The regular expression matches somewhere in the text, as SQL's `~`: write ^…$ for the whole. The syntax is RE2, without look-around and back references, so that time is linear in the text; case counts unless (?i) says otherwise.",
  argument: {
    type: 'object',
    properties: { column: { type: 'string' }, matches: { type: 'string', minLength: 1 } },
    required: ['column', 'matches'],
    additionalProperties: false,
  },
  columns: (argument) => [text(part(argument, 'column'), 'column')],
  check: (argument) => {
    compile(text(part(argument, 'matches'), 'matches'));
  },
  make: (argument, [type = 'other']) => {
    if (!TEXTS.has(type)) throw new ArgumentError(`a column of type ${type} is no text to match; take range`);
    const expression = text(part(argument, 'matches'), 'matches');
    const compiled = compile(expression);
    const shown = cut(expression);
    return ([value = null]) =>
      value === null || compiled.test(value) ? null : `${quote(value)} does not match ${shown}`;
  },
};

function compile(expression: string): Pattern {
  try {
    return compilePattern(expression);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ArgumentError(error.message, 'matches');
  }
}
