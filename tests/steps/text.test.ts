import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, prepare, textOf } from './apply.js';

it.each([
  ['trim', null, '\u2003a b\u2028', 'a b'],
  ['trim', null, '\u200ba', '\u200ba'],
  ['title_case', null, 'McDONALD', 'Mcdonald'],
  ['title_case', null, 'ßa ﬁx', 'Ssa Fix'],
  ['title_case', null, 'e\u0301COLE d’or', 'E\u0301cole D’or'],
  ['collapse_whitespace', null, 'a b', 'a b'],
  ['collapse_whitespace', null, 'a\u00a0b', 'a b'],
  ['slug', null, '', ''],
  ['slug', null, '½ Øre_Æsir', '1-2-ore-aesir'],
  ['slug', null, 'İstanbul', 'istanbul'],
  ['truncate', 0, 'abc', ''],
  ['truncate', 1, 'e\u0301', 'e'],
  ['truncate', 2, '\ud83dab', '\ud83da'],
  ['substring', { start: 3, length: 0 }, 'abc', ''],
  ['substring', { start: 2 }, '👍', ''],
  ['pad', { length: 3, with: '👍' }, 'é', '👍👍é'],
  ['pad', { length: 2, with: '0' }, '👍', '0👍'],
  ['replace', { from: 'aa', to: 'a' }, 'aaa', 'aa'],
  ['split', { on: ',', part: -3 }, 'a,b', null],
  ['split', { on: ',', part: 2 }, 'a,', ''],
  ['split', { on: ',', part: 1 }, '', ''],
  ['null_if', [1, true], '1.0', null],
  ['null_if', [1, true], 'true', null],
  ['null_if', [1, true], 'True', 'True'],
  ['null_if', '', '', null],
  ['null_if', 0, 'x', 'x'],
  ['null_if', 0, 'false', 'false'],
  ['zero_date_to_null', null, '0000-01-01T00:00:00', null],
  ['zero_date_to_null', null, '2020-00-10 00:00:00', null],
  ['zero_date_to_null', null, '2020-10-00x', '2020-10-00x'],
  ['zero_date_to_null', null, '', ''],
  ['boolean', null, 'ON', 'true'],
  ['boolean', null, 'f', 'false'],
  ['boolean', { true: 'X', false: '' }, '', 'false'],
  ['boolean', { true: [true], false: [false] }, 'true', 'true'],
  ['email', null, 'o’neil@example.org', { fails: '"o’neil@example.org" is no e-mail address' }],
  ['email', null, "o'neil@EXAMPLE.org", "o'neil@example.org"],
  ['email', null, 'jörg@Bücher.DE', 'jörg@bücher.de'],
  ['hash', 'md5', 'ü', 'c03410a5204b21cd8229ff754688d743'],
])('%s %j: %j', (name, argument, given, result) => {
  expect(apply(name, argument, given)).toEqual(result);
});

it.each(['', '00', '2', 'tr', 'ja', 'yes!'])('boolean refuses %j', (given) => {
  expect(apply('boolean', null, given)).toEqual({ fails: `"${given}" is neither true nor false` });
});

it.each(
  ['a@b', '@b.org', 'a@', 'a@@b.org', 'a b@c.org', 'a@b..org', '.a@b.org', 'a.@b.org', 'a@-b.org'].concat([
    'a@b.org.',
    'a@1.2.3.4',
    'mailto:a@b.org',
    `${'a'.repeat(65)}@b.org`,
    `a@${'b'.repeat(64)}.org`,
    '',
  ]),
)('email refuses %j', (given) => {
  expect(apply('email', null, given)).toMatchObject({
    fails: expect.stringMatching(/ is no e-mail address$/) as string,
  });
});

it('cuts long values in reasons', () => {
  expect(apply('number', null, '👍'.repeat(200))).toEqual({
    fails: `"${'👍'.repeat(80)}…" is no number of this form`,
  });
});

describe('characters are code points', () => {
  const text = fc.string({ unit: 'binary' });

  it('truncate and substring cut as Array.from does', () => {
    fc.assert(
      fc.property(text, fc.nat(12), fc.integer({ min: 1, max: 12 }), (value, length, start) => {
        const characters = Array.from(value);
        expect(apply('truncate', length, value)).toBe(characters.slice(0, length).join(''));
        const part = characters.slice(start - 1, start - 1 + length).join('');
        expect(apply('substring', { start, length }, value)).toBe(part);
      }),
    );
  });

  it('pad reaches its length exactly and changes nothing that is longer', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 12 }), (value, length) => {
        const padded = Array.from(textOf('pad', { length, with: '👍', side: 'right' }, value));
        expect(padded.length).toBe(Math.max(length, Array.from(value).length));
        expect(padded.join('').startsWith(value)).toBe(true);
      }),
    );
  });
});

it('steps that clean do nothing the second time', () => {
  const names = ['trim', 'collapse_whitespace', 'remove_nul', 'slug', 'strip_html', 'number', 'email'];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...Array.from('a1 <>/pb&;.@\n')) }),
  );
  for (const run of names.map((name) => prepare(name))) {
    fc.assert(
      fc.property(text, (value) => {
        const once = run(value);
        if (typeof once === 'string' && !once.includes('<')) expect(run(once)).toEqual(once);
      }),
    );
  }
});
