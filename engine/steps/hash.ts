import { hash as digest } from 'node:crypto';
import type { StepDefinition } from '../contract/step.js';
import { oneOf, word } from './argument.js';
import { hasLoneSurrogate } from './characters.js';
import { fail } from './quote.js';

const ALGORITHMS = ['sha256', 'sha1', 'md5'] as const;

export const hash: StepDefinition = {
  name: 'hash',
  summary:
    "Gives the hash of the UTF-8 text in lower-case hexadecimal digits, as PostgreSQL's md5() and encode(sha256()) do.",
  argument: oneOf(ALGORITHMS, 'The algorithm; sha1 and md5 for compatibility, not for secrets.'),
  output: 'text',
  kind: 'value',
  make: (argument) => {
    const algorithm = word(argument, ALGORITHMS, 'hash');
    return (value) =>
      hasLoneSurrogate(value)
        ? fail(value, 'holds half a surrogate pair, which UTF-8 cannot')
        : digest(algorithm, value);
  },
  examples: [
    { argument: 'md5', given: 'abc', gives: '900150983cd24fb0d6963f7d28e17f72' },
    { argument: 'sha1', given: 'abc', gives: 'a9993e364706816aba3e25717850c26c9cd0d89d' },
    {
      argument: 'sha256',
      given: '',
      gives: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    },
  ],
};
