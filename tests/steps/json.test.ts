import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, prepare, textOf } from './apply.js';

it.each([
  ['a', ' { "a" : 1.50 } ', '1.50'],
  ['a', '{"a": "\\u00e9\\n\\"x\\""}', 'é\n"x"'],
  ['a', '{"a": 1, "a": 2}', '2'],
  ['a', '{"\\u0061": 1}', '1'],
  ['a.b', '{"a.b": 1}', null],
  ['["a.b"]', '{"a.b": 1}', '1'],
  ['a[1]', '{"a": [[1, 2], [3, "]"], 4]}', '[3, "]"]'],
  ['a[1][0]', '{"a": [[1, 2], [3, "]"], 4]}', '3'],
  ['[-1]', '[1, 2, 3]', '3'],
  ['[-4]', '[1, 2, 3]', null],
  ['[3]', '[1, 2, 3]', null],
  ['[0]', '[]', null],
  ['a', '{}', null],
  ['a', '[1]', null],
  ['[0]', '{"0": 1}', null],
  ['a', '"a"', null],
  ['a.length', '{"a": "xyz"}', null],
  ['__proto__', '{}', null],
  ['__proto__', '{"__proto__": 1}', '1'],
  ['a', '{"a": "null"}', 'null'],
  ['a', '{"a": ""}', ''],
  ['a', '{"a": "\\u0000"}', { fails: '"{"a": "\\u0000"}" holds \\u0000, which text cannot' }],
  ['a', '{"a": 1', { fails: '"{"a": 1" is no JSON' }],
  ['a', '', { fails: '"" is no JSON' }],
])('json_get %s of %s', (path, given, result) => {
  expect(apply('json_get', path, given)).toEqual(result);
});

describe('json_get against JSON.parse', () => {
  it('finds each member of each object and list', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const key = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.array(value), fc.nat(2), (object, list, indent) => {
        const text = JSON.stringify({ object, list }, null, indent);
        for (const name of Object.keys(object))
          expectMember(text, `object[${JSON.stringify(name)}]`, object[name]);
        list.forEach((item, index) => expectMember(text, `list[${String(index)}]`, item));
      }),
    );
  });

  function expectMember(json: string, path: string, member: unknown): void {
    if (member === null || typeof member === 'string') expect(apply('json_get', path, json)).toBe(member);
    else expect(JSON.parse(textOf('json_get', path, json))).toEqual(JSON.parse(JSON.stringify(member)));
  }
});

it.each([
  '0',
  '-1.0e+5',
  'null',
  '[]',
  ' {"a":\n1} ',
  '"\\\\u0000"',
  '"\\ud83d\\udc4d"',
  '"👍"',
  '{"a":1,"a":2}',
])('json_parse leaves %s as it is', (given) => {
  expect(apply('json_parse', null, given)).toBe(given);
});

it.each([
  ['{a: 1}', 'is no JSON'],
  ['01', 'is no JSON'],
  ['NaN', 'is no JSON'],
  ['[1,]', 'is no JSON'],
  ['\ufeff{}', 'is no JSON'],
  ['"\\\\\\u0000"', 'holds \\u0000, which jsonb refuses'],
  ['{"\\u0000": 1}', 'holds \\u0000, which jsonb refuses'],
  ['"\\udc4d\\ud83d"', 'holds half a surrogate pair, which jsonb refuses'],
  ['"\ud83d"', 'holds half a surrogate pair, which jsonb refuses'],
  ['"\ud83d\\udc4d"', 'holds half a surrogate pair, which jsonb refuses'],
])('json_parse refuses %s', (given, reason) => {
  expect(prepare('json_parse')(given)).toEqual({ fails: `"${given}" ${reason}` });
});
