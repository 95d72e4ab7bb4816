import type { CompiledMapping } from '../contract/compiled.js';
import type { ConstraintFacts, ForeignKeyFact, UniqueFact } from './constraint-facts.js';
import { quoteName, quoteTable, quoteText } from './identifier.js';

/** Holds a batch's constrained columns, each row behind its number. */
export const PROBE_TABLE = 'pg_temp.etl_probe';

/** A column that stands in the table as text, and the type whose input it is to be. */
export interface TypedText {
  readonly name: string;
  readonly type: string;
}

/**
 * The query that names the suspects of a batch in `etl_probe`: a superset of the rows that a load row by row in the
 * batch's order would refuse, closed under "its fate depends on the fate of": of several rows with one unique
 * value all but the first, and whoever refers to a suspect.
 */
export function suspectQuery(
  { table }: CompiledMapping,
  facts: ConstraintFacts,
  { ordinal, texts }: { readonly ordinal: string; readonly texts: readonly TypedText[] },
): string {
  const target = `${table.kind === 'p' ? '' : 'only '}${quoteTable(table)}`;
  const own = facts.foreignKeys.filter((key) => key.self);
  const found = [
    ...checkQueries(facts, ordinal),
    ...texts.map(
      ({ name, type }) =>
        `select ${ordinal} as o from ${PROBE_TABLE} where pg_input_is_valid(${quoteName(name)}, ${quoteText(type)}) is false`,
    ),
    ...facts.foreignKeys.flatMap((key) => foreignKeyQueries(key, ordinal)),
    ...facts.uniques.flatMap((unique) => uniqueQueries(unique, target, ordinal)),
  ].join('\nunion all ');
  const closed = own.length === 0 ? `select distinct o from (${found}) f` : closure(found, own, ordinal);
  return `select coalesce(string_agg(o::text, ',' order by o), '') from (${closed}) s`;
}

function checkQueries({ checks, domains }: ConstraintFacts, ordinal: string): readonly string[] {
  const fails = checks.map((check) => `(${check.sql}) is false`).join(' or ');
  return [
    ...(checks.length === 0 ? [] : [`select ${ordinal} as o from ${PROBE_TABLE} where ${fails}`]),
    // VALUE, the server's word for what a domain judges, is here a column of that name.
    ...domains.flatMap(({ column, notNull, checks: own }) => {
      const refused = [
        ...(notNull ? ['VALUE is null'] : []),
        ...own.map((check) => `(${check.sql}) is false`),
      ];
      const values = `select ${ordinal} as o, ${quoteName(column)} as value from ${PROBE_TABLE}`;
      return refused.length === 0 ? [] : [`select o from (${values}) d where ${refused.join(' or ')}`];
    }),
  ];
}

const collate = (sql: string, collation: string | null): string =>
  collation === null ? sql : `${sql} collate ${collation}`;

/** `from.referenced = to.column` of a foreign key, over all its columns. */
const refers = (key: ForeignKeyFact, to: string, from: string): string =>
  key.columns
    .map((c) => {
      const value = collate(`${from}.${quoteName(c.column)}`, c.collation);
      return `${to}.${quoteName(c.referenced)} ${c.operator} ${value}`;
    })
    .join(' and ');

/** Rows whose reference is nowhere; where the table refers to itself, an earlier row and the row itself will do. */
function foreignKeyQueries(key: ForeignKeyFact, ordinal: string): readonly string[] {
  const given = key.columns.map((c) => `p.${quoteName(c.column)} is not null`);
  const missing = [
    ...given,
    `not exists (select from ${key.from} r where ${refers(key, 'r', 'p')})`,
    ...(key.self
      ? [
          `not exists (select from ${PROBE_TABLE} r where r.${ordinal} <= p.${ordinal} and ${refers(key, 'r', 'p')})`,
        ]
      : []),
  ].join(' and ');
  const queries = [`select p.${ordinal} as o from ${PROBE_TABLE} p where ${missing}`];
  if (key.full && key.columns.length > 1) {
    const some = `(${given.join(' or ')}) and not (${given.join(' and ')})`;
    queries.push(`select p.${ordinal} as o from ${PROBE_TABLE} p where ${some}`);
  }
  if (key.self) {
    // Loaded before its suspects, a row that an earlier one refers to would be there for it too soon.
    queries.push(
      `select r.${ordinal} as o from ${PROBE_TABLE} r where exists
       (select from ${PROBE_TABLE} p where p.${ordinal} < r.${ordinal} and ${refers(key, 'r', 'p')})`,
    );
  }
  return queries;
}

/** Rows whose unique value the table has, or an earlier row of the batch. */
function uniqueQueries(unique: UniqueFact, target: string, ordinal: string): readonly string[] {
  const { keys, predicate, nullsDistinct } = unique;
  const list = keys.map((key, n) => `(${key.sql}) as k${String(n)}`).join(', ');
  const where = predicate === null ? '' : ` where ${predicate}`;
  const batch = `select ${ordinal} as o, ${list} from ${PROBE_TABLE}${where}`;
  const names = keys.map((key, n) => collate(`p.k${String(n)}`, key.collation));
  const same = keys.map((key, n) => {
    const k = `k${String(n)}`;
    const equal = `t.${k} ${key.operator} ${names[n] ?? ''}`;
    return nullsDistinct ? equal : `(${equal} or t.${k} is null and p.${k} is null)`;
  });
  const given = nullsDistinct
    ? ` where ${keys.map((_, n) => `p.k${String(n)} is not null`).join(' and ')}`
    : '';
  return [
    `select p.o from (${batch}) p where exists
     (select from (select ${list} from ${target}${where}) t where ${same.join(' and ')})`,
    `select d.o from (select p.o, row_number() over (partition by ${names.join(', ')} order by p.o) as n
       from (${batch}) p${given}) d where d.n > 1`,
  ];
}

/** The rows found, and all that refer to one of them. */
function closure(found: string, own: readonly ForeignKeyFact[], ordinal: string): string {
  const children = own
    .map((key) => `select c.${ordinal} as o from ${PROBE_TABLE} c where ${refers(key, 'b', 'c')}`)
    .join(' union all ');
  return `with recursive f as (${found}), s(o) as (
      select o from f union
      select c.o from s join ${PROBE_TABLE} b on b.${ordinal} = s.o cross join lateral (${children}) c)
    select o from s`;
}
