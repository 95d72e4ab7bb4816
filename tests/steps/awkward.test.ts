import { describe, expect, it } from 'vitest';
import { Failure } from '../../engine/contract/step.js';
import { STEPS } from '../../engine/steps/index.js';

const LONG = 'Lörem ipsum & <b>dolor</b> 👍 '.repeat(10_000);

const AWKWARD = [
  '',
  ' ',
  '\t\r\n',
  '0',
  '-0',
  '00',
  'false',
  'null',
  'NaN',
  'infinity',
  '👍🏽👩‍👩‍👧',
  'e\u0301\u0327',
  '\u00a0\u200b\ufeff',
  '\ud83d',
  '\udc4d\ud83d',
  '\0',
  '{}',
  '[]',
  '"',
  '\\',
  '$&',
  "'; drop table x",
  '__proto__',
  'constructor',
  '9'.repeat(500),
  '2020-02-30',
  '2020-02-29 23:59:59.999999',
  '0044-03-15 BC',
  '<<<<<<<<<<',
  '&&&&&#x;&#;',
  LONG,
];

const wellFormed = (text: string) => !/\p{Surrogate}/u.test(text);

describe.each([...STEPS.values()])('$name', (step) => {
  const argument = step.examples.find((example) => example.argument !== undefined)?.argument ?? null;

  const run = (value: string) =>
    step.kind === 'several' ? step.make(argument)([value, null, value]) : step.make(argument)(value);

  it.each(AWKWARD.map((value) => ({ value, shown: value.slice(0, 40) })))('takes $shown', ({ value }) => {
    const result = run(value);
    expect(run(value)).toEqual(result);
    const text = result instanceof Failure ? result.reason : (result ?? '');
    if (result instanceof Failure) expect(Array.from(result.reason).length).toBeLessThan(260);
    if (wellFormed(value)) expect(wellFormed(text)).toBe(true);
  });
});

describe('hostile text takes linear time', () => {
  it.each([
    ['strip_html', '<a '.repeat(100_000)],
    ['strip_html', '<a href="'.repeat(50_000)],
    ['strip_html', `<a b='<a c="`.repeat(40_000)],
    ['strip_html', '<script>'.repeat(20_000)],
    ['strip_html', '<!--'.repeat(50_000)],
    ['strip_html', '<!x'.repeat(100_000)],
    ['strip_html', '<a'.repeat(100_000)],
    ['decode_html', '&#'.repeat(200_000)],
    ['decode_html', '&a'.repeat(200_000)],
    ['email', `${'a.'.repeat(100_000)}@`],
    ['email', `a@${'a-'.repeat(100_000)}`],
    ['collapse_whitespace', `${' '.repeat(200_000)}x${' '.repeat(200_000)}`],
    ['title_case', "a'".repeat(200_000)],
    ['slug', '-'.repeat(200_000)],
    ['zero_date_to_null', ' '.repeat(200_000)],
    ['number', '1'.repeat(200_000)],
    ['json_parse', '['.repeat(200_000)],
  ])('%s, case %#', (name, value) => {
    const step = STEPS.get(name);
    if (step?.kind !== 'value') throw new Error(`${name} is no step on one value`);
    const before = process.cpuUsage();
    step.make(null)(value);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(1);
  });
});
