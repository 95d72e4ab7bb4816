import type { StepDefinition } from '../contract/step.js';
import { hasLoneSurrogate } from './characters.js';
import { isJson } from './json-text.js';
import { fail } from './quote.js';

export const jsonParse: StepDefinition = {
  name: 'json_parse',
  summary:
    'Checks that a text is JSON and gives it as JSON, digit for digit as it stands. What jsonb refuses, \\u0000 and half surrogate pairs, rejects.',
  argument: null,
  accepts: ['text', 'other', 'json'],
  output: 'json',
  kind: 'value',
  make: () => (value) => {
    const complaint = complain(value);
    return complaint === null ? value : fail(value, complaint);
  },
  examples: [
    {
      given: '{"price": 1.10, "id": 12345678901234567890}',
      gives: '{"price": 1.10, "id": 12345678901234567890}',
    },
    { given: '"plain"', gives: '"plain"' },
    { given: "{'a': 1}", gives: { fails: '"{\'a\': 1}" is no JSON' } },
    { given: '', gives: { fails: '"" is no JSON' } },
    { given: '"a\\u0000b"', gives: { fails: '""a\\u0000b"" holds \\u0000, which jsonb refuses' } },
    { given: '"\\ud83d"', gives: { fails: '""\\ud83d"" holds half a surrogate pair, which jsonb refuses' } },
  ],
};

function complain(value: string): string | null {
  if (!isJson(value)) return 'is no JSON';
  if (!value.includes('\\u')) return hasLoneSurrogate(value) ? HALF : null;
  const codes = value.replace(ESCAPE, (_escape, code?: string) =>
    code === undefined ? '' : String.fromCharCode(Number.parseInt(code, 16)),
  );
  if (codes.includes('\0')) return 'holds \\u0000, which jsonb refuses';
  return hasLoneSurrogate(codes) || hasLoneSurrogate(value) ? HALF : null;
}

const HALF = 'holds half a surrogate pair, which jsonb refuses';

/** Every escape of JSON, so that an escaped backslash does not start another one. */
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|.)/g;
