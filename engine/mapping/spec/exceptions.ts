import { date } from '../date.js';
import { integer, list, text } from '../forms.js';
import { key, keys, required } from '../keys.js';
import type { ReadOf } from '../keys.js';

/** exceptions.yaml. */
export const EXCEPTIONS = list(
  keys(
    'an exception',
    {
      mapping: required(text('a mapping'), 'The mapping that the rows belong to.'),
      rule: key(
        text('a rule'),
        'The rule, step, resolver or constraint that the report names: `map`, `references`, a rule’s `name`; ' +
          '`deleted_rows` for rows whose source row is gone.',
      ),
      column: key(text('a target column'), 'Of this target column alone; left out, of every one.'),
      check: key(text('a check'), 'A check that has warned, by the name that the report gives it.'),
      up_to: key(
        integer(1),
        'Rows at the most: where there are more, none of them is accepted. Left out, any number is.',
      ),
      who: required(text('a name'), 'Who has agreed.'),
      why: required(text('a reason'), 'Why it may stay as it is.'),
      until: required(date, 'The last day on which it holds (UTC): from the next one on it counts again.'),
    },
    { exactlyOne: [['rule', 'check']], needs: { column: ['rule'], up_to: ['rule'] } },
  ),
);

export type RawException = NonNullable<ReadOf<typeof EXCEPTIONS>>['items'][number];
