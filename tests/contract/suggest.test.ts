import { expect, test } from 'vitest';
import { suggest } from '../../engine/contract/suggest.js';

test.each([
  ['patient', ['payments', 'patients'], 'patients'],
  ['colums', ['columns', 'column'], 'columns'],
  ['TRIM', ['trim'], 'trim'],
  ['trmi', ['trim', 'term'], 'trim'],
  ['sequense', ['sequence', 'preserve'], 'sequence'],
  ['xyz', ['abc', 'trim'], null],
  ['a', ['b'], null],
  ['', ['a'], null],
  ['completely_else', [], null],
])('%s of %j → %s', (name, candidates, expected) => {
  expect(suggest(name, candidates)).toBe(expected);
});
