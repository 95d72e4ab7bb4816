import { Failure, type StepDefinition } from '../contract/step.js';
import { ENTITIES } from './entities.js';
import { quote } from './quote.js';

const REFERENCE = /&(?:#([0-9]{1,10})|#[xX]([0-9a-fA-F]{1,8})|([a-zA-Z][a-zA-Z0-9]{1,31}));/g;

/** What browsers read for &#128; to &#159;: Windows-1252. The five that it leaves open stay as they are. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

export const decodeHtml: StepDefinition = {
  name: 'decode_html',
  summary:
    'Decodes the named entities of HTML 4 and numeric ones, once: "&amp;lt;" becomes "&lt;". Names it does not know and an "&" without ";" stay as they are; a number that is no character rejects.',
  argument: null,
  accepts: ['text', 'other'],
  output: 'text',
  kind: 'value',
  make: () => (value) => (value.includes('&') ? decode(value) : value),
  examples: [
    { given: 'R&amp;D &lt;caf&eacute;&gt; &#8364;5 &#x20AC;6', gives: 'R&D <café> €5 €6' },
    { given: 'AT&T &nosuchname; &copy', gives: 'AT&T &nosuchname; &copy' },
    { given: '&amp;lt;', gives: '&lt;' },
    { given: 'a&#150;b', gives: 'a–b' },
    { given: 'a&#0;', gives: { fails: '"&#0;" in "a&#0;" is no character' } },
  ],
};

function decode(value: string): string | Failure {
  const broken: string[] = [];
  const decoded = value.replace(REFERENCE, (reference, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES.get(name) ?? reference;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    const character = toCharacter(code);
    if (character === null) broken.push(reference);
    return character ?? reference;
  });
  const [first] = broken;
  return first === undefined ? decoded : new Failure(`${quote(first)} in ${quote(value)} is no character`);
}

function toCharacter(code: number): string | null {
  if (code >= 0x80 && code <= 0x9f) return WINDOWS_1252.charAt(code - 0x80);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : null;
}
