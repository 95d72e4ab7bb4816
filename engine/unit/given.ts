import type { ResultColumn } from '../contract/catalogue.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { ColumnSpec, Lookup } from '../contract/mapping.js';
import type { UnitTest } from '../contract/unit-test.js';
import { quoteName } from '../postgres/identifier.js';
import { literal } from './values.js';

/** No number of rejects stops a test. */
const ANY = { unit: 'percent', percent: 100 } as const;

/**
 * A mapping that reads what a test gives: its rows in place of the query's, its look-ups in place of those of that
 * name. Look-ups that a database holds are empty where they are not given.
 */
export function overGiven(
  compiled: CompiledMapping,
  columns: readonly ResultColumn[],
  test: UnitTest,
): CompiledMapping {
  const { mapping } = compiled;
  return {
    ...compiled,
    rowsSql: rowsSql(columns, test),
    // The catalogue's word holds for the table, not for what a test gives.
    keyUnique: false,
    mapping: {
      ...mapping,
      columns: mapping.columns.map((spec) => withLookup(spec, test)),
      maxRejects: ANY,
      stopAt: ANY,
    },
  };
}

function rowsSql(columns: readonly ResultColumn[], { given }: UnitTest): string {
  const list = (value: (column: ResultColumn) => string): string =>
    columns.map((column) => `${value(column)} as ${quoteName(column.name)}`).join(', ');
  const rows = given.rows.map(({ cells }) => {
    const values = new Map(cells.map(({ column, value }) => [column.value, value]));
    return `select ${list(({ name, type }) => {
      const value = values.get(name);
      return value === undefined ? `null::${type.display}` : literal({ value, type });
    })}`;
  });
  const none = `select ${list(({ type }) => `null::${type.display}`)} where false`;
  return [none, ...rows].join('\nunion all ');
}

/** The name under which a test gives a look-up: its own, or the column's where it stands inline. */
export const lookupName = (spec: ColumnSpec, lookup: Lookup): string => lookup.name ?? spec.column.value;

function withLookup(spec: ColumnSpec, { given }: UnitTest): ColumnSpec {
  const { resolver } = spec;
  if (resolver?.kind !== 'lookup') return spec;
  const { lookup } = resolver;
  const table = given.lookups.find(({ name }) => name.value === lookupName(spec, lookup))?.table;
  const isOutside = lookup.from.kind === 'table' || lookup.from.kind === 'query';
  if (table === undefined && !isOutside) return spec;
  return {
    ...spec,
    resolver: { ...resolver, lookup: { ...lookup, from: { kind: 'values', entries: table ?? [] } } },
  };
}
