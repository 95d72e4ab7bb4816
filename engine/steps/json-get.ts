import type { Failure, StepDefinition } from '../contract/step.js';
import { text } from './argument.js';
import { hasLoneSurrogate } from './characters.js';
import { findInJson } from './json-find.js';
import { parsePath } from './json-path.js';
import { isJson } from './json-text.js';
import { fail } from './quote.js';

export const jsonGet: StepDefinition = {
  name: 'json_get',
  summary:
    'Takes one value out of JSON, as PostgreSQL\'s ->> does: a string without its quotes, all else as it stands, digit for digit. Null where the path leads nowhere or to null. Keys with other characters: ["a key"].',
  argument: { type: 'string', minLength: 1, description: 'Keys parted by dots, list items from 0: a.b[0].' },
  accepts: ['json', 'text', 'other'],
  output: 'text',
  kind: 'value',
  make: (argument) => {
    const path = parsePath(text(argument, 'json_get'));
    return (value) => {
      if (!isJson(value)) return fail(value, 'is no JSON');
      const found = findInJson(value, path);
      return found === null || found === 'null' ? null : asText(found, value);
    };
  },
  examples: [
    { argument: 'a.b[0]', given: '{"a": {"b": ["x", "y"]}}', gives: 'x' },
    { argument: 'id', given: '{"id": 12345678901234567890.10}', gives: '12345678901234567890.10' },
    { argument: 'a', given: '{"a": {"b": [1, 2]}}', gives: '{"b": [1, 2]}' },
    { argument: '["a key"][-1]', given: '{"a key": [true, false]}', gives: 'false' },
    { argument: 'a.b', given: '{"a": null}', gives: null },
    { argument: 'a', given: '{a: 1}', gives: { fails: '"{a: 1}" is no JSON' } },
  ],
};

function asText(found: string, value: string): string | Failure {
  if (!found.startsWith('"')) return found;
  const decoded: unknown = JSON.parse(found);
  if (typeof decoded !== 'string') throw new Error('a JSON string that is none');
  if (decoded.includes('\0')) return fail(value, 'holds \\u0000, which text cannot');
  return hasLoneSurrogate(decoded) ? fail(value, 'holds half a surrogate pair, which text cannot') : decoded;
}
