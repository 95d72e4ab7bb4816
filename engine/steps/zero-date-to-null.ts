import type { StepDefinition } from '../contract/step.js';

/** Year 0000, month 00 or day 00, with or without a time: what MySQL stores for "no date". */
const ZERO_DATE = /^\s*(?:0000-\d\d-\d\d|\d{4}-00-\d\d|\d{4}-\d\d-00)(?:[T ].*)?$/;

export const zeroDateToNull: StepDefinition = {
  name: 'zero_date_to_null',
  summary:
    'Turns dates that have year 0000, month 00 or day 00 into null, with or without a time; leaves all else alone.',
  argument: null,
  accepts: ['text', 'other'],
  output: 'same',
  kind: 'value',
  make: () => (value) => (ZERO_DATE.test(value) ? null : value),
  examples: [
    { given: '0000-00-00 00:00:00', gives: null },
    { given: '2020-05-00', gives: null },
    { given: '0001-01-01', gives: '0001-01-01' },
    { given: '2020-05-04', gives: '2020-05-04' },
  ],
};
