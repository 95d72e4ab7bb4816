import type { CheckLimit, CheckSpec } from '../../contract/check.js';
import type { Located, Position } from '../../contract/problem.js';
import type { Scalar } from '../../contract/value.js';
import { mapForm, type Form } from '../form.js';
import { either, oneOrMore, query, scalar, text, toThreshold, word } from '../forms.js';
import { key, keys, required, type KeysRead } from '../keys.js';
import { columnName } from '../names.js';
import { errorAt, located } from '../report.js';

const COLUMN = columnName('a target column');

/** `> 100` rows, `>= 1%` of the mapping's rows. */
const LIMIT: Form<CheckLimit> = mapForm(text('a limit (> 100, > 1%)'), ({ value, at }, place, reading) => {
  const [, operator, amount = ''] = /^\s*(>=|>|=|!=)\s*(\S.*?)\s*$/.exec(value) ?? [];
  const isPercent = amount.endsWith('%');
  const read = toThreshold({ type: isPercent ? 'string' : 'number', text: amount });
  if (read !== null && isOperator(operator)) return { operator, amount: read };
  const help = 'write a comparison with a number of rows or a percentage: "> 100", ">= 1%"';
  reading.report(errorAt('ETL-LANG-019', at, `"${place.name}" cannot be "${value}"`, { help }));
  return undefined;
});

const isOperator = (text: string | undefined): text is CheckLimit['operator'] =>
  text === '>' || text === '>=' || text === '=' || text === '!=';

/** A check without an argument, where something stands beside it: `content:` is followed by nothing. */
const NOTHING: Form<Position> = {
  shape: { form: 'scalar' },
  read: (node, place, reading) => {
    if (node.kind === 'scalar' && (node.raw === '' || node.scalar.type === 'null' || node.raw === 'true')) {
      return place.at;
    }
    const message = `"${place.name}" takes no argument`;
    const help = `write ${place.name}: with nothing behind it, and severity or limits beside it`;
    reading.report(errorAt('ETL-LANG-003', node.at, message, { help }));
    return undefined;
  },
};

const BARE = {
  content: { doc: 'Every loaded row equals the mapping applied to its source row.' },
  row_count: { doc: 'As many rows as were loaded are found in the target; always on.' },
  references: { doc: 'No reference leads nowhere; always on.' },
} as const;

const KINDS = ['sum', 'min_max', 'distinct', 'unique', 'content', 'row_count', 'references', 'query'];

/** Null: no row. */
interface Expected {
  readonly value: Scalar | null;
}

const KEYS = {
  sum: key(COLUMN, 'The sum of a column: source = loaded + rejected + skipped, exactly.'),
  min_max: key(COLUMN, 'The least and the greatest value of a column.'),
  distinct: key(COLUMN, 'How many different values a column has.'),
  unique: key(oneOrMore(COLUMN), 'No two rows of the mapping have the same values in these columns.'),
  content: key(NOTHING, BARE.content.doc),
  row_count: key(NOTHING, BARE.row_count.doc),
  references: key(NOTHING, BARE.references.doc),
  query: key(query, 'A select in SQL; `expect` says what it gives.'),
  connection: key(text('a connection'), 'Where `query` is asked.', { default: 'target' }),
  expect: key(
    either({
      scalar: mapForm(word({ empty: { doc: 'No row.' } }), (): Expected => ({ value: null })),
      map: mapForm(
        keys('an expectation', {
          value: required(scalar, 'The one value of the one row; numbers compare as decimals.'),
        }),
        ({ values: { value } }): Expected | undefined =>
          value === undefined ? undefined : { value: value.value },
      ),
    }),
    'What `query` gives.',
    { default: 'empty' },
  ),
  name: key(text('a name'), 'What the check is called in reports.'),
  severity: key(
    word({
      error: { doc: 'The run fails, exit code 5 (default).' },
      warn: { doc: 'It is said, and the run goes well.' },
    }),
    'How grave it is when the check finds something.',
    { default: 'error' },
  ),
  error_if: key(LIMIT, 'From how many rows on the check fails; below that it warns.', { default: 'any row' }),
  warn_if: key(LIMIT, 'From how many rows on the check warns.', { default: 'any row' }),
} as const;

const MAP = keys('a check', KEYS, {
  exactlyOne: [KINDS],
  needs: { connection: ['query'], expect: ['query'] },
});

/** One item of `checks:`: a word, or a map with exactly one check in it. */
export const CHECK: Form<CheckSpec> = either({
  scalar: mapForm(word(BARE), ({ value, at }) => bare(value, at)),
  map: mapForm(MAP, fromMap),
});

const bare = (kind: keyof typeof BARE, at: Position): CheckSpec => ({
  name: kind,
  test: { kind },
  severity: 'error',
  errorIf: null,
  warnIf: null,
  at,
});

function fromMap({ values, keyAt }: KeysRead<typeof KEYS>): CheckSpec | undefined {
  const read = testOf(values);
  const kind = KINDS.find((name) => keyAt.has(name)) ?? '';
  const at = keyAt.get(kind);
  if (read === undefined || at === undefined) return undefined;
  return {
    name: values.name?.value ?? read.name,
    test: read.test,
    severity: values.severity?.value ?? 'error',
    errorIf: values.error_if ?? null,
    warnIf: values.warn_if ?? null,
    at,
  };
}

function testOf(values: KeysRead<typeof KEYS>['values']): Pick<CheckSpec, 'name' | 'test'> | undefined {
  for (const kind of ['sum', 'min_max', 'distinct'] as const) {
    const column = values[kind];
    if (column !== undefined) return { name: `${kind} ${column.value}`, test: { kind, column } };
  }
  for (const kind of ['content', 'row_count', 'references'] as const) {
    if (values[kind] !== undefined) return { name: kind, test: { kind } };
  }
  const { unique, query: asked } = values;
  if (unique !== undefined) {
    return { name: `unique ${shown(unique)}`, test: { kind: 'unique', columns: unique } };
  }
  if (asked === undefined) return undefined;
  const { expect, connection = located('target', asked.at) } = values;
  const line = asked.value.replace(/\s+/g, ' ');
  const name = `query(${line.length > 40 ? `${line.slice(0, 39)}…` : line})`;
  return { name, test: { kind: 'query', connection, sql: asked, value: expect?.value ?? null } };
}

const shown = (columns: readonly Located<string>[]): string => columns.map(({ value }) => value).join(', ');
