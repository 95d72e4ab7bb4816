import type { Node } from 'libpg-query';
import type { Fault } from './fault.js';
import { stringOf, walk } from './walk.js';

/** A column of the row that an expression speaks of. */
export interface ColumnUse {
  readonly name: string;
  /** UTF-16 units from the beginning of the expression to its first word, which may be `q.`. */
  readonly offset: number;
}

/** With the parser's own places: bytes from the beginning of what was parsed. */
type Placed<T> = Omit<T, 'offset'> & { readonly location: number | undefined };

/** PostgreSQL's aggregates (pg_aggregate of 18), as a mapping may call them without `over`. */
const AGGREGATES: ReadonlySet<string> = new Set([
  ...[
    'any_value',
    'array_agg',
    'avg',
    'bit_and',
    'bit_or',
    'bit_xor',
    'bool_and',
    'bool_or',
    'corr',
    'count',
  ],
  ...['covar_pop', 'covar_samp', 'every', 'json_agg', 'json_agg_strict', 'json_object_agg', 'jsonb_agg'],
  ...['jsonb_agg_strict', 'jsonb_object_agg', 'max', 'min', 'mode', 'percentile_cont', 'percentile_disc'],
  ...['range_agg', 'range_intersect_agg', 'stddev', 'stddev_pop', 'stddev_samp', 'string_agg', 'sum'],
  ...['var_pop', 'var_samp', 'variance', 'xmlagg', 'regr_avgx', 'regr_avgy', 'regr_count', 'regr_intercept'],
  ...['regr_r2', 'regr_slope', 'regr_sxx', 'regr_sxy', 'regr_syy'],
]);

/** PostgreSQL's functions that give a row for each of their parts. */
const SEVERAL_ROWS: ReadonlySet<string> = new Set([
  ...['unnest', 'generate_series', 'generate_subscripts', 'regexp_split_to_table', 'regexp_matches'],
  ...['string_to_table', 'json_array_elements', 'json_array_elements_text', 'jsonb_array_elements'],
  ...['jsonb_array_elements_text', 'json_each', 'json_each_text', 'jsonb_each', 'jsonb_each_text'],
  ...['json_object_keys', 'jsonb_object_keys', 'jsonb_path_query'],
]);

/** What `sql` must not hold: it is evaluated for each row alone and gives one value. A subquery may. */
export function expressionFaults(value: Node): readonly Placed<Fault>[] {
  const faults: Placed<Fault>[] = [];
  const help = 'compute it in the query, or in a subquery: (select … from …)';
  ofTheRow(value, (kind, body) => {
    const location = 'location' in body && typeof body.location === 'number' ? body.location : undefined;
    if (kind === 'ParamRef') {
      faults.push({
        kind: 'form',
        message: 'a parameter has no value here: write the value itself',
        location,
      });
    } else if (kind === 'JsonObjectAgg' || kind === 'JsonArrayAgg' || kind === 'GroupingFunc') {
      faults.push({ kind: 'aggregate', message: 'an aggregate sees more than its own row', location, help });
    } else if (kind === 'FuncCall') {
      const what = misplaced(body);
      if (what !== null) faults.push({ kind: 'aggregate', message: what, location, help });
    }
  });
  return faults;
}

/** Why a function cannot be called for one row, or null. */
function misplaced(call: object): string | null {
  const names = 'funcname' in call && Array.isArray(call.funcname) ? call.funcname.map(stringOf) : [];
  const name = names.at(-1) ?? '';
  const own = names.length === 1 || names[0] === 'pg_catalog';
  if ('over' in call) return `the window function ${name}() sees more than its own row`;
  const marks = ['agg_star', 'agg_distinct', 'agg_filter', 'agg_within_group', 'agg_order'];
  if ((own && AGGREGATES.has(name)) || marks.some((mark) => mark in call)) {
    return `the aggregate ${name}() sees more than its own row`;
  }
  return own && SEVERAL_ROWS.has(name) ? `${name}() gives several rows for one` : null;
}

/** The columns that the expression itself names; a subquery's may be those of its own tables. */
export function columnsOf(value: Node): readonly Placed<ColumnUse>[] {
  const found: Placed<ColumnUse>[] = [];
  ofTheRow(value, (kind, body) => {
    if (kind !== 'ColumnRef' || !('fields' in body) || !Array.isArray(body.fields)) return;
    const names = body.fields.map(stringOf);
    const location = 'location' in body && typeof body.location === 'number' ? body.location : undefined;
    const [first, second] = names;
    // The rows stand in `from (…) q`: q alone is the whole row.
    const name =
      names.length === 1 && first !== 'q' ? first : names.length === 2 && first === 'q' ? second : null;
    if (name !== null && name !== undefined) found.push({ name, location });
  });
  return found;
}

const ofTheRow = (value: Node, visit: (kind: string, body: object) => void): void => {
  walk(
    value,
    (kind, body) => {
      visit(kind, body);
      if (kind === 'SubLink' && 'testexpr' in body) ofTheRow(body.testexpr as Node, visit);
    },
    (kind) => kind !== 'SubLink',
  );
};
