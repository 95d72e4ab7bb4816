import type { Parent } from '../../contract/mapping.js';
import type { Located } from '../../contract/problem.js';
import { mapForm } from '../form.js';
import type { Form } from '../form.js';
import { either, list, record, scalar, text, word } from '../forms.js';
import { key, keys, required } from '../keys.js';
import type { ReadOf } from '../keys.js';
import { columnName } from '../names.js';
import { errorAt } from '../report.js';
import { step } from '../steps.js';
import { checkKeys, LOOKUP, VALUE_TABLE } from './lookup.js';
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

const PARENT_KEYS = {
  mapping: key(text('a mapping'), 'The mapping that is referred to.'),
  by: key(columnName('a source column'), 'Another, unique, source column of that mapping than its key.'),
  yields: key(columnName('a target column'), 'Another column of the target row than its identity.'),
};

const parentNamed = (mapping: Located<string>): Parent => ({ mapping, by: null, yields: null, when: null });

/** One of several mappings: its name, or a map with `by` or `yields`. */
const PARENT = either({
  scalar: mapForm(text('a mapping'), parentNamed),
  map: mapForm(
    keys('a mapping to refer to', {
      ...PARENT_KEYS,
      mapping: required(text('a mapping'), 'The mapping that is referred to.'),
    }),
    ({ values: { mapping, by, yields } }): Parent | undefined =>
      mapping === undefined ? undefined : { mapping, by: by ?? null, yields: yields ?? null, when: null },
  ),
});

const CASES = mapForm(record('values of the switch', PARENT), (pairs, place, { report }) => {
  checkKeys(
    pairs.map(({ entry }) => entry),
    report,
  );
  if (pairs.length === 0) {
    const help = 'name a mapping for each value: cases: { patient: patients }';
    report(errorAt('ETL-LANG-002', place.at, 'the switch has no cases', { help }));
  }
  return pairs.flatMap(({ entry, value }): Parent[] =>
    value === undefined ? [] : [{ ...value, when: entry.scalar }],
  );
});

/** What `references` says: the mappings that may have the row, and what chooses among them. */
export interface RawReferences {
  readonly parents: readonly Parent[];
  readonly switch: Located<string> | null;
}

const REFERENCES: Form<RawReferences> = either({
  scalar: mapForm(text('a mapping'), (mapping): RawReferences => ({
    parents: [parentNamed(mapping)],
    switch: null,
  })),
  list: mapForm(list(PARENT), ({ items, complete }, place, { report }): RawReferences | undefined => {
    if (items.length === 0 && complete) {
      const help = 'name the mappings in the order in which they are asked';
      report(errorAt('ETL-LANG-002', place.at, 'the list names no mapping', { help }));
    }
    return items.length === 0 ? undefined : { parents: items, switch: null };
  }),
  map: mapForm(
    keys(
      'a reference',
      {
        ...PARENT_KEYS,
        switch: key(
          columnName('a source column'),
          'The source column that tells the mapping of a polymorphic pair.',
        ),
        cases: key(CASES, 'Value of the switch → mapping; a value without a case is missing.'),
      },
      {
        exactlyOne: [['mapping', 'switch']],
        needs: { by: ['mapping'], yields: ['mapping'], switch: ['cases'], cases: ['switch'] },
      },
    ),
    ({ values: { mapping, by, yields, switch: column, cases } }): RawReferences | undefined => {
      if (mapping !== undefined) {
        return { parents: [{ mapping, by: by ?? null, yields: yields ?? null, when: null }], switch: null };
      }
      if (column === undefined || cases === undefined || cases.length === 0) return undefined;
      return { parents: cases, switch: column };
    },
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
