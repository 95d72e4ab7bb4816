import { isList, show, type FacetValue } from '../facet.js';
import {
  judged,
  rejectsLess,
  rejectsMore,
  valueChange,
  verdict,
  within,
  type Judged,
  type KeyRule,
  type Table,
  type Verdict,
} from './verdict.js';

const VALUE_CLASSES = ['re-transform', 'identity-changing'] as const;

const value = (doc: string): KeyRule =>
  judged(VALUE_CLASSES, `${doc}; identity-changing where the column is the target’s key or identity`, (one) =>
    valueChange(one),
  );

const ORIGIN = value('another origin gives another value (re-transform)');

const ORIGINS = ['from', 'sql', 'value', 'object', 'array', 'generate', 'run', 'source'];

/** What stands under a column of `columns:`, and in look-ups. */
export const COLUMN_TABLE: Table = {
  ...Object.fromEntries(ORIGINS.map((name) => [`a column › ${name}`, ORIGIN])),
  ...Object.fromEntries(
    ORIGINS.map((name) => [`an origin › ${name}`, value('a part of the JSON differs (re-transform)')]),
  ),
  'a column › steps': judged(
    VALUE_CLASSES,
    'other steps, arguments, or another text of the plug-in that a step comes from: re-transform; identity-changing where the column is the target’s key or identity',
    (one) => valueChange(one, stepWords(one)),
  ),
  'a column › map': judged(
    ['re-transform', 'additive', 'destructive', 'identity-changing'],
    'an entry with another value is re-transform; a new entry is additive where its value was rejected, else re-transform; one that is gone is destructive where its value is rejected now, else re-transform; a map that comes or goes is re-transform',
    (one) => entryVerdict(one, 'map'),
  ),
  'a column › unmapped': judged(
    ['additive', 'destructive', 're-transform', 'identity-changing'],
    'from reject or fail to a value is additive; to reject or fail destructive; else re-transform',
    (one) => missVerdict(one, 'values that the map does not hold'),
  ),
  'an unmapped › value': within('a column › unmapped'),
  'a column › missing': judged(
    ['additive', 'destructive', 're-transform', 'identity-changing'],
    'from reject or fail to null is additive; to reject or fail destructive',
    (one) => missVerdict(one, 'values that the look-up or the other mapping does not hold'),
  ),
  'a column › default': value('what stands in for null differs (re-transform)'),
  'a column › lookup': value(
    'a look-up comes or goes: values are others, and those that it does not hold are rejected (re-transform)',
  ),
  'a column › references': value(
    'the reference leads elsewhere, comes or goes (re-transform); edges of the graph are listed by themselves',
  ),
  'a reference › mapping': within('a column › references'),
  'a reference › by': within('a column › references'),
  'a reference › yields': within('a column › references'),
  'a reference › switch': within('a column › references'),
  'a reference › cases': within('a column › references'),
  'a mapping to refer to › mapping': within('a column › references'),
  'a mapping to refer to › by': within('a column › references'),
  'a mapping to refer to › yields': within('a column › references'),
  'a look-up › values': judged(
    ['re-transform', 'additive', 'destructive', 'identity-changing'],
    'as entries of a map, at every column that uses the look-up; rows of a CSV file count as values, wherever the file stands',
    (one) => entryVerdict(one, 'lookup'),
  ),
  'a look-up › file': within('a look-up › values'),
  'a look-up › table': value('values come from another table (re-transform)'),
  'a look-up › query': value('values come from another query, told by its parse tree (re-transform)'),
  'a look-up › connection': value('values come from another database (re-transform)'),
  'a look-up › key': value('values are found by another column (re-transform)'),
  'a look-up › value': value('another column is the result (re-transform)'),
};

const isRefusal = (kind: FacetValue | undefined): boolean => kind === 'reject' || kind === 'fail';

function missVerdict(one: Judged, what: string): Verdict {
  const [was, is] = [isRefusal(one.before), isRefusal(one.after)];
  if (was && is) {
    const word = one.after === 'fail' ? 'end the run, and were rejected' : 'are rejected, and ended the run';
    return verdict('additive', `${what} ${word}; rows already loaded stay as they are`);
  }
  if (is) return rejectsMore(what);
  return was ? rejectsLess(what) : valueChange(one);
}

/** A table's entry, or the table itself where it comes or goes. */
function entryVerdict(one: Judged, kind: 'map' | 'lookup'): Verdict {
  if (one.after === kind || one.before === kind || one.after === 'values' || one.before === 'values')
    return valueChange(one);
  const refuses = (mapping: Judged['head']): boolean => {
    const resolver = mapping?.columns.find(({ column }) => column.value === one.column)?.resolver;
    return isRefusal(resolver?.kind === 'map' ? resolver.unmapped.kind : resolver?.missing);
  };
  if (one.before === undefined && refuses(one.base)) return rejectsLess('rows with this value');
  if (one.after === undefined && refuses(one.head)) return rejectsMore('rows with this value');
  return valueChange(one);
}

/** The names of steps that come or go. */
function stepWords({ before, after }: Judged): string {
  const names = (list: FacetValue | undefined): readonly string[] =>
    list === undefined || !isList(list)
      ? []
      : list.map((one) =>
          typeof one === 'object' && one !== null ? (Object.keys(one)[0] ?? '') : show(one),
        );
  const [old, fresh] = [names(before), names(after)];
  const added = fresh.filter((name) => !old.includes(name));
  return added.length === 0 ? '' : `values that ${added.join(', ')} cannot work on are rejected`;
}
