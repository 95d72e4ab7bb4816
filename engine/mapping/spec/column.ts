import { mapForm } from '../form.js';
import type { Form } from '../form.js';
import { either, later, list, record, scalar, text, word } from '../forms.js';
import { key, keys, required } from '../keys.js';
import type { ReadOf } from '../keys.js';
import { columnName } from '../names.js';
import { notYet } from '../report.js';
import { step } from '../steps.js';
import { LOOKUP, VALUE_TABLE } from './lookup.js';
import { BARE, ORIGIN_KEYS, ORIGIN_NAMES } from './origin.js';

const UNMAPPED = either({
  scalar: word({
    reject: { doc: 'The row is rejected (default).' },
    keep: { doc: 'The value stays as it is.' },
    null: { doc: 'The value becomes null.' },
    fail: { doc: 'The run stops.' },
  }),
  map: keys('an unmapped', {
    value: required(scalar, 'The constant that a value without an entry becomes.'),
  }),
});

const MISSING = word({
  reject: { doc: 'The row is rejected (default).' },
  null: { doc: 'The value becomes null.' },
  fail: { doc: 'The run stops.' },
});

const REFERENCE_KEYS = keys('a reference', {
  mapping: required(text('a mapping'), 'The mapping that is referred to.'),
  by: key(columnName('a source column'), 'Another, unique, source column of that mapping than its key.'),
  yields: key(columnName('a target column'), 'Another column of the target row than its identity.'),
  switch: key(
    later('"references: { switch: … }"'),
    'The column that tells the mapping of a polymorphic pair.',
  ),
  cases: key(later('"references: { switch: … }"'), 'Value of the switch → mapping.'),
});

/** The polymorphic form is refused as one thing, not as a form that lacks `mapping`. */
const REFERENCE_MAP: typeof REFERENCE_KEYS = {
  shape: REFERENCE_KEYS.shape,
  read: (node, place, reading) => {
    const polymorphic =
      node.kind === 'map' ? node.entries.find(({ key: name }) => name === 'switch') : undefined;
    if (polymorphic === undefined) return REFERENCE_KEYS.read(node, place, reading);
    reading.report(notYet(polymorphic.keyAt, '"references: { switch: … }"'));
    return undefined;
  },
};

const REFERENCES = either({
  scalar: mapForm(text('a mapping'), (mapping) => ({ mapping, by: null, yields: null })),
  list: later('a list of mappings under "references"'),
  map: mapForm(REFERENCE_MAP, ({ values: { mapping, by, yields } }) =>
    mapping === undefined ? undefined : { mapping, by: by ?? null, yields: yields ?? null },
  ),
});

const LOOKUP_USE = either({ scalar: text('a look-up'), map: LOOKUP });

const COLUMN_KEYS = keys(
  'a column',
  {
    ...ORIGIN_KEYS,
    steps: key(list(step), 'What happens to the value, one after the other.', {
      example: ['trim', { truncate: 200 }],
    }),
    map: key(VALUE_TABLE, 'An inline table: source value → target value.', {
      example: { N: 'new', P: 'pending', D: 'done' },
    }),
    unmapped: key(UNMAPPED, 'A value that `map` does not hold.', { default: 'reject', example: 'reject' }),
    lookup: key(LOOKUP_USE, 'A table of values, by name or inline.', { example: 'states' }),
    references: key(
      REFERENCES,
      'Another mapping: the value is its source key, the result its target identity.',
    ),
    missing: key(MISSING, 'A value that the look-up or the referenced mapping does not hold.', {
      default: 'reject',
    }),
    default: key(scalar, 'The target value where the result is null.', { example: 'Untitled' }),
  },
  {
    exactlyOne: [ORIGIN_NAMES],
    atMostOne: [['map', 'lookup', 'references']],
    needs: { unmapped: ['map'], missing: ['lookup', 'references'] },
  },
);

/** One target column: the name of a source column, or origin → steps → resolver → default. */
export const COLUMN = either({
  scalar: mapForm(BARE, (origin) => ({ kind: 'bare' as const, origin })),
  map: mapForm(COLUMN_KEYS, (read) => ({ kind: 'keys' as const, ...read })),
});

export type RawColumn = Extract<ReadOf<typeof COLUMN>, { kind: 'keys' }>;

/** `columns:` of a mapping; `"*"` stands among them. */
export const COLUMNS: Form<RawColumns> = record('target columns', COLUMN);

export type RawColumns = ReadOf<ReturnType<typeof record<ReadOf<typeof COLUMN>>>>;
