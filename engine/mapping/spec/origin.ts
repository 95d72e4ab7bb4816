import type { Origin } from '../../contract/mapping.js';
import { mapForm } from '../form.js';
import type { Form } from '../form.js';
import { either, expression, list, named, oneOrMore, record, scalar, word } from '../forms.js';
import { key, keys } from '../keys.js';
import type { KeysRead } from '../keys.js';
import { columnName } from '../names.js';

const sourceColumn = columnName('a source column', 'a constant is written { value: … }');

const GENERATE = word({
  now: { doc: "The run's start, the same in every row." },
  uuid7: { doc: 'A new uuid, in order of time.' },
  uuid5: { doc: 'A uuid made of project, mapping and source key: the same on every run.' },
});

const RUN = word({
  id: { doc: "The run's id." },
  started_at: { doc: "The run's start." },
  mapping: { doc: "The mapping's name." },
});

const ROW = word({
  key: { doc: 'The source key, as text or as a JSON array.' },
  row: { doc: 'The whole source row, as a JSON object.' },
});

/** The origins that stand alike in a column and within `object` and `array`. */
const COMMON = {
  sql: key(expression, "An expression in the source's SQL over the source query's columns.", {
    example: 'price > 0 and kind <> 8',
  }),
  value: key(scalar, 'A constant.', { example: 3 }),
  object: key(record('origins by JSON key', named('origin', nested)), 'A JSON object built of origins.', {
    example: { status: 'status', run: { run: 'id' } },
  }),
  array: key(list(named('origin', nested)), 'A JSON array built of origins.', {
    example: ['first_name', 'last_name'],
  }),
  generate: key(GENERATE, 'A generated value.'),
  run: key(RUN, 'Something of the run, for the audit trail.'),
  source: key(ROW, 'Something of the source row, for the audit trail.'),
};

const ORIGINS = {
  from: key(oneOrMore(sourceColumn), 'A source column, or several for a step that joins them.', {
    example: 'title',
  }),
  ...COMMON,
};

const NESTED = { from: key(sourceColumn, 'A source column.'), ...COMMON };

/** The keys of a column that name its origin: exactly one stands there. */
export const ORIGIN_KEYS = ORIGINS;
export const ORIGIN_NAMES: readonly string[] = Object.keys(ORIGINS);

/** A bare word: a source column. */
export const BARE: Form<Origin> = mapForm(sourceColumn, (column) => ({
  kind: 'source',
  columns: [column],
  at: column.at,
}));

/** Within `object` and `array`: a bare word is a source column, a map is an origin. */
function nested(): Form<Origin> {
  const map = keys('an origin', NESTED, { exactlyOne: [ORIGIN_NAMES] });
  return either({
    scalar: BARE,
    map: mapForm(map, ({ values: { from, ...values }, ...read }) =>
      toOrigin({ ...read, values: { ...values, ...(from === undefined ? {} : { from: [from] }) } }),
    ),
  });
}

/** The first readable origin of the keys; `at` is the origin's key. */
export function toOrigin(
  read: Pick<KeysRead<typeof ORIGINS>, 'values' | 'keyAt' | 'owner'>,
): Origin | undefined {
  const { values, keyAt, owner } = read;
  const at = (name: string) => keyAt.get(name) ?? owner;
  if (values.from !== undefined) return { kind: 'source', columns: values.from, at: at('from') };
  if (values.sql !== undefined) return { kind: 'sql', sql: values.sql, at: at('sql') };
  if (values.value !== undefined) return { kind: 'value', value: values.value.value, at: at('value') };
  if (values.object !== undefined) {
    const entries = values.object.flatMap(({ entry, value }) =>
      value === undefined ? [] : [{ key: entry.key, origin: value }],
    );
    return { kind: 'object', entries, at: at('object') };
  }
  if (values.array !== undefined) return { kind: 'array', items: values.array.items, at: at('array') };
  if (values.generate !== undefined) {
    return { kind: 'generate', what: values.generate.value, at: at('generate') };
  }
  if (values.run !== undefined) return { kind: 'run', what: values.run.value, at: at('run') };
  if (values.source !== undefined) return { kind: 'row', what: values.source.value, at: at('source') };
  return undefined;
}
