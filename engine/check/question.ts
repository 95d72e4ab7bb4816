import type { ForeignKey, PgType } from '../contract/catalogue.js';
import type { CompiledColumn, CompiledMapping } from '../contract/compiled.js';
import { referencesOf } from '../contract/references.js';
import type { ConstraintFacts } from '../postgres/constraint-facts.js';
import { quoteName, quoteTable, quoteText, readAs } from '../postgres/identifier.js';

/** The question what the target says of made rows, put as a query over their values: nothing is written. */
export interface Question {
  /** Places among the mapping's columns of the values that are sent, in the order of the JSON arrays of `$1`. */
  readonly fields: readonly number[];
  /**
   * Takes a JSON array of rows as `$1`; gives for each row that is refused, or that a unique index speaks of, its
   * number from 1, the constraint that refuses it or null, its SQLSTATE, and then a text for each of `uniques`.
   */
  readonly sql: string;
  /** Names of the unique indexes over expressions or parts of the table, whose values only the target can compute. */
  readonly uniques: readonly string[];
  /** The column of each constraint that speaks of one alone. */
  readonly columnOf: ReadonlyMap<string, string>;
  /** Columns of which only the target's own input function can tell what it takes. */
  readonly opaque: readonly string[];
}

const plain = (type: PgType): PgType => (type.domainOf === null ? type : plain(type.domainOf));

/** Whether only the target's own input function can tell that a value is one of the column's type. */
function isOpaque({ column, make }: CompiledColumn, compiled: CompiledMapping): boolean {
  const type = plain(column.type);
  if (type.base !== 'other' || type.kind === 'enum' || make.kind === 'identity') return false;
  const from = make.kind === 'bytes' ? compiled.fields[make.field]?.type : undefined;
  return from === undefined || plain(from).name !== type.name;
}

/** Columns whose values a run decides: ids of sequences and random ones, and references to rows that have such ids. */
export function unknownColumns(
  compiled: CompiledMapping,
  identityOf: (mapping: string) => CompiledMapping['identity'],
): ReadonlySet<string> {
  const isMade = (one: CompiledMapping['identity']): boolean =>
    one !== null && one.strategy !== 'mapped' && one.strategy !== 'preserve' && one.strategy !== 'uuid5';
  const own = compiled.columns.filter(({ make }) => make.kind === 'identity' && isMade(compiled.identity));
  const referring = referencesOf(compiled).filter(({ parent }) => isMade(identityOf(parent.mapping.value)));
  return new Set([...own, ...referring].map(({ column }) => column.name));
}

export interface QuestionFacts {
  readonly constraints: ConstraintFacts;
  /** See {@link unknownColumns}. */
  readonly unknown: ReadonlySet<string>;
  /** Foreign keys to tables that the project does not load: their rows are there already, or never. */
  readonly standing: readonly ForeignKey[];
}

/** @returns null where nothing need be asked */
export function questionOf(compiled: CompiledMapping, facts: QuestionFacts): Question | null {
  const { columns } = compiled;
  const places = new Map(columns.map((one, n) => [one.column.name, n]));
  const known = (names: readonly string[]): boolean =>
    names.every((name) => places.has(name) && !facts.unknown.has(name));
  const { constraints } = facts;
  const checks = constraints.checks.filter((check) => !check.wholeRow && known(check.columns));
  const domains = constraints.domains.filter(({ column }) => known([column]));
  const standing = facts.standing.filter((key) => known(key.columns));
  const uniques = constraints.uniques.filter((unique) => known(unique.columns) && !isPlainUnique(unique));
  const opaque = columns.filter((one) => isOpaque(one, compiled)).map(({ column }) => column.name);
  const names = [
    ...checks.flatMap((check) => check.columns),
    ...domains.map(({ column }) => column),
    ...standing.flatMap((key) => key.columns),
    ...uniques.flatMap((unique) => unique.columns),
    ...opaque,
  ];
  const fields = [...new Set(names)].map((name) => places.get(name) ?? 0).sort((a, b) => a - b);
  if (fields.length === 0) return null;
  const bases = new Map(constraints.domains.map((domain) => [domain.column, domain.base]));
  const list = fields.map((place, n) => {
    const column = columns[place]?.column;
    const sql = bases.get(column?.name ?? '') ?? (column === undefined ? 'text' : plain(column.type).sql);
    return `${readAs(`(e->>${String(n)})`, sql)} as ${quoteName(column?.name ?? '')}`;
  });
  const refused = [
    ...domains.map(
      (domain) => [domainRefuses(domain), domain.checks[0]?.name ?? domain.column, '23514'] as const,
    ),
    ...checks.map((check) => [`(${check.sql}) is false`, check.name, '23514'] as const),
    ...standing.map((key) => [isOrphan(key), key.name, '23503'] as const),
  ];
  const first = (of: 1 | 2): string =>
    refused.length === 0
      ? 'null::text'
      : `case ${refused.map((one) => `when ${one[0]} then ${quoteText(one[of])}`).join(' ')} end`;
  const keys = uniques.map(uniqueSql);
  const wanted = ['a.refused is not null', ...keys.map((_, n) => `a.u${String(n)} is not null`)];
  // Each opaque value is looked at, although no constraint speaks of it: the cast must not be optimised away.
  const sql = `with etl_made as materialized (
      select n::int as etl_o, ${list.join(', ')} from json_array_elements($1::json) with ordinality t(e, n))
    select a.* from (select p.etl_o, ${first(1)} as refused, ${first(2)} as state
      ${keys.map((key, n) => `, ${key} as u${String(n)}`).join('')} from etl_made p) a where ${wanted.join(' or ')}`;
  return {
    fields,
    sql,
    uniques: uniques.map((unique) => unique.names[0] ?? ''),
    columnOf: new Map([
      ...domains.flatMap(({ column, checks: own }) => own.map(({ name }) => [name, column] as const)),
      ...[...checks, ...standing].flatMap(({ name, columns: own }) => {
        const [only, second] = own;
        return only === undefined || second !== undefined ? [] : [[name, only] as const];
      }),
    ]),
    opaque,
  };
}

type Domain = ConstraintFacts['domains'][number];
type Unique = ConstraintFacts['uniques'][number];

/** Whether a unique index is over bare columns of all rows. */
export const isPlainUnique = ({ columns, keys, predicate }: Unique): boolean =>
  predicate === null &&
  keys.length === columns.length &&
  keys.every(({ sql }) => columns.some((column) => sql === column || sql === quoteName(column)));

function domainRefuses({ column, notNull, checks }: Domain): string {
  const tests = [...(notNull ? ['value is null'] : []), ...checks.map(({ sql }) => `(${sql}) is false`)];
  if (tests.length === 0) return 'false';
  return `exists (select from (select p.${quoteName(column)} as value) d where ${tests.join(' or ')})`;
}

function isOrphan({ columns, table, referenced }: ForeignKey): string {
  const given = columns.map((column) => `p.${quoteName(column)} is not null`).join(' and ');
  const same = columns.map((c, n) => `r.${quoteName(referenced[n] ?? '')} = p.${quoteName(c)}`).join(' and ');
  return `(${given} and not exists (select from ${quoteTable(table)} r where ${same}))`;
}

function uniqueSql({ keys, predicate, nullsDistinct }: Unique): string {
  const list = keys.map(({ sql }) => `(${sql})`).join(', ');
  const given = nullsDistinct ? keys.map(({ sql }) => `(${sql}) is not null`) : [];
  const when = [...(predicate === null ? [] : [`(${predicate})`]), ...given];
  const text = `json_build_array(${list})::text`;
  return when.length === 0 ? text : `case when ${when.join(' and ')} then ${text} end`;
}
