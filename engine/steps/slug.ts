import type { StepDefinition } from '../contract/step.js';
import { fail } from './quote.js';

/** Latin letters that Unicode does not take apart into a base letter and a mark. */
const SPELLED = new Map(
  Object.entries({ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ħ: 'h', ı: 'i' }),
);
const UNFOLDED = /[ßæœøłđðþħı]/g;
const FOREIGN = /(?![a-z0-9])[\p{L}\p{N}]/u;

export const slug: StepDefinition = {
  name: 'slug',
  summary:
    'Makes a name for URLs: lower-case ASCII letters and digits, joined by hyphens; accents are dropped. Letters that ASCII cannot spell (日本) and text without any letter or digit reject.',
  argument: null,
  accepts: ['text', 'other'],
  output: 'text',
  kind: 'value',
  make: () => (value) => {
    const folded = value
      .normalize('NFKD')
      .toLowerCase()
      .replace(/\p{M}/gu, '')
      .replace(UNFOLDED, (letter) => SPELLED.get(letter) ?? letter);
    if (FOREIGN.test(folded)) return fail(value, 'has letters that ASCII cannot spell');
    const result = folded.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
    return result === '' && value !== '' ? fail(value, 'has no letter or digit for a slug') : result;
  },
  examples: [
    { given: 'Crème Brûlée & Co.', gives: 'creme-brulee-co' },
    { given: ' 50% off — Straße ', gives: '50-off-strasse' },
    { given: '日本', gives: { fails: '"日本" has letters that ASCII cannot spell' } },
    { given: '!!!', gives: { fails: '"!!!" has no letter or digit for a slug' } },
  ],
};
