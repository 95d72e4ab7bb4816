import type { StepDefinition } from '../contract/step.js';

/** A word starts at a letter or digit and goes on over marks and apostrophes inside it. */
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}'’]*/gu;

export const titleCase: StepDefinition = {
  name: 'title_case',
  summary:
    "Writes each word with a capital first letter and the rest in lower case; an apostrophe does not start a word, a hyphen does. PostgreSQL's initcap starts one after an apostrophe, too (O'Neil), and leaves ß and ŉ as they are.",
  argument: null,
  accepts: ['text', 'other'],
  output: 'text',
  kind: 'value',
  make: () => (value) => value.replace(WORD, capitalise),
  examples: [
    { given: 'ada LOVELACE', gives: 'Ada Lovelace' },
    { given: "jean-luc o'neil", gives: "Jean-Luc O'neil" },
    { given: '3RD AVENUE, élysée', gives: '3rd Avenue, Élysée' },
  ],
};

/** A letter whose capital is two (ß, ﬁ) keeps the second in lower case. */
function capitalise(word: string): string {
  const [first = ''] = word;
  const [capital = '', ...more] = first.toUpperCase();
  return capital + (more.join('') + word.slice(first.length)).toLowerCase();
}
