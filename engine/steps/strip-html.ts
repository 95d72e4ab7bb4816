import type { StepDefinition } from '../contract/step.js';
import { stripMarkup } from './markup.js';

export const stripHtml: StepDefinition = {
  name: 'strip_html',
  summary:
    'Removes tags, comments and what stands inside script and style; <br> and the edges of blocks become line breaks. Entities stay: put `decode_html` after it. What is not closed, as in "a < b", is text and stays.',
  argument: null,
  accepts: ['text', 'other'],
  output: 'text',
  kind: 'value',
  make: () => (value) => (value.includes('<') ? stripMarkup(value) : value),
  examples: [
    { given: '<p>Dear <b>Ada</b>,</p><p>thank you</p>', gives: 'Dear Ada,\nthank you' },
    { given: 'one<br>two<br/>three', gives: 'one\ntwo\nthree' },
    { given: 'a<!-- x --><script>if (1 < 2) alert("</p>")</script>b', gives: 'ab' },
    { given: 'if a < b and c > d', gives: 'if a < b and c > d' },
    { given: '<a title="x > y" href=#>R&amp;D</a>', gives: 'R&amp;D' },
  ],
};
