import type { Lookup, Mapping, Origin } from '../../contract/mapping.js';
import type { Position } from '../../contract/problem.js';
import { tableParts } from '../../contract/table-name.js';
import type { NamedRelation } from '../../sql/index.js';

/** A table or view that a command reads, as the project's files name it. */
export interface Read extends NamedRelation {
  readonly connection: string;
  /** Null: whichever the role may read; binding tells of a column that is missed. */
  readonly columns: readonly string[] | null;
  /** Only its schema must be open: what else it needs depends on what is done with it. */
  readonly isTarget: boolean;
  readonly mapping: string;
  /** What reads it: `its source`, `the look-up "users"`. */
  readonly by: string;
  readonly at: Position;
}

type TablesOf = (sql: string) => readonly NamedRelation[];

const named = (dotted: string): NamedRelation => {
  const [first = '', ...rest] = tableParts(dotted);
  return rest.length === 0 ? { schema: null, name: first } : { schema: first, name: rest.join('.') };
};

const subqueries = (sql: string): string => `select (${sql}\n)`;

/** The pieces of SQL beside a query that may name tables: conditions and `sql` origins. */
function expressionsOf({ source, rules, columns }: Mapping): readonly string[] {
  const visit = (origin: Origin): readonly string[] => {
    if (origin.kind === 'sql') return [origin.sql.value];
    if (origin.kind === 'object') return origin.entries.flatMap((entry) => visit(entry.origin));
    return origin.kind === 'array' ? origin.items.flatMap(visit) : [];
  };
  return [
    ...(source.from.kind === 'table' && source.from.where !== null ? [source.from.where.value] : []),
    ...source.skipWhen.map(({ sql }) => sql.value),
    ...rules.flatMap(({ test }) => (test.kind === 'sql' ? [test.sql.value] : [])),
    ...columns.flatMap(({ origin }) => visit(origin)),
  ];
}

/** All that loading a mapping reads by name: its source, look-ups and checks, and the table that it loads. */
export function readsOf(mapping: Mapping, tablesOf: TablesOf): readonly Read[] {
  const { source, target } = mapping;
  const { from } = source;
  const own = { mapping: mapping.name, isTarget: false, columns: null, at: source.at };
  const ofSource = { ...own, connection: source.connection.value, by: 'its source' };
  const rows = from.kind === 'table' ? [named(from.table.value)] : tablesOf(from.sql.value);
  return [
    ...[...rows, ...expressionsOf(mapping).map(subqueries).flatMap(tablesOf)].map((relation) => ({
      ...ofSource,
      ...relation,
    })),
    ...mapping.columns.flatMap(({ resolver }) =>
      resolver?.kind === 'lookup' ? lookupReads(mapping, resolver.lookup, tablesOf) : [],
    ),
    ...mapping.checks.flatMap(({ test, name, at }) =>
      test.kind === 'query'
        ? tablesOf(test.sql.value).map((relation) => ({
            ...{ ...own, ...relation, at, by: `the check "${name}"`, connection: test.connection.value },
          }))
        : [],
    ),
    {
      ...{ ...own, ...named(target.table.value), isTarget: true, connection: 'target' },
      ...{ by: 'its target', at: target.table.at },
    },
  ];
}

function lookupReads(mapping: Mapping, { name, from, at }: Lookup, tablesOf: TablesOf): readonly Read[] {
  if (from.kind !== 'table' && from.kind !== 'query') return [];
  const by = name === null ? 'a look-up' : `the look-up "${name}"`;
  const own = { connection: from.connection.value, isTarget: false, mapping: mapping.name, by, at };
  if (from.kind === 'query')
    return tablesOf(from.sql.value).map((relation) => ({ ...own, ...relation, columns: null }));
  const columns = [...new Set([from.key.value, from.value.value])];
  return [{ ...own, ...named(from.table.value), columns }];
}
