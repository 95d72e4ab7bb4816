import type { CompiledMapping } from '../contract/compiled.js';
import type { ConstraintFacts } from './constraint-facts.js';
import { quoteName, quoteTable } from './identifier.js';
import { fullType } from './staging.js';
import { PROBE_TABLE, suspectQuery } from './suspects.js';

/**
 * The question which rows of a batch a table's declarative constraints and types could refuse, put before the rows are
 * sent: the columns in question alone go into a temporary table of the target's types, and one query names the suspects.
 * Whoever is no suspect can be loaded before all suspects, and in one go, without a difference to a load row by row.
 */
export interface Probe {
  /** Makes the temporary table; outside of a transaction that may be rolled back. */
  readonly create: string;
  /** Places of the constrained columns in the batch's lines, ascending. */
  readonly fields: readonly number[];
  /** Takes a row's number and then the fields. */
  readonly copy: string;
  /** Statements around the query. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Gives one row of one text: the numbers of the suspects, ascending, with commas. */
  readonly query: string;
  /** The constraints that it asks for, by the names that the server's errors give them. */
  readonly names: ReadonlySet<string>;
  /** The columns, by their places, whose texts it asks the type about. */
  readonly typed: ReadonlySet<number>;
}

/**
 * A join by index from each row of the batch: a hash of the whole target would cost more with each batch, and the
 * planner has no statistics of a temporary table.
 */
const BY_INDEX = ['enable_hashjoin', 'enable_mergejoin', 'enable_seqscan'];

/**
 * @param refusing columns, by their places, whose type has refused a text
 * @returns null where the constraints cannot be asked for in advance, or there is nothing to ask
 */
export function probeOf(
  compiled: CompiledMapping,
  facts: ConstraintFacts,
  refusing: ReadonlySet<number> = new Set(),
): Probe | null {
  const { columns, table } = compiled;
  if (!facts.plain || table.maySwallow || (table.kind !== 'r' && table.kind !== 'p')) return null;
  const places = new Map(columns.map((c, n) => [c.column.name, n]));
  const own = ownKeys(compiled);
  const known = askable(facts, (names) => names.every((name) => places.has(name)), own);
  // Rows that refer to rows of their own batch depend on them: that question cannot be left to COPY.
  if (facts.foreignKeys.some((key) => key.self && !known.foreignKeys.includes(key))) return null;
  const constrained = fieldsOf(known, places);
  // A constraint speaks of values: a column of texts cannot be asked for both.
  const typed = new Set(facts.judgesInput ? [...refusing].filter((n) => !constrained.includes(n)) : []);
  const fields = [...constrained, ...typed].sort((a, b) => a - b);
  if (fields.length === 0) return null;
  const taken = new Set(table.columns.map((column) => column.name));
  let ordinal = 'etl_ordinal';
  while (taken.has(ordinal)) ordinal += '_';
  const texts = fields.flatMap((n) => {
    const column = columns[n]?.column;
    return column !== undefined && typed.has(n) ? [{ name: column.name, type: fullType(column.type) }] : [];
  });
  const listed = fields.map((n) => ({ name: columns[n]?.column.name ?? '', isText: typed.has(n) }));
  return {
    create: createSql(compiled, known, { ordinal, listed }),
    fields,
    copy: `copy ${PROBE_TABLE} from stdin`,
    before: BY_INDEX.map((name) => `set local ${name} = off`),
    after: BY_INDEX.map((name) => `reset ${name}`),
    query: suspectQuery(compiled, known, { ordinal, texts }),
    typed,
    names: new Set([
      ...known.checks.map((check) => check.name),
      ...known.domains.flatMap((domain) => domain.checks.map((check) => check.name)),
      ...known.foreignKeys.map((key) => key.name),
      ...known.uniques.flatMap((unique) => unique.names),
    ]),
  };
}

/**
 * Columns of which the engine sees to it that no two rows have the same: the key, of which each is read once and those
 * that stand in the target are known, and ids of its own. Where such a row is refused all the same, the batch
 * goes the staged way.
 */
function ownKeys({ columns, targetKey, found, identity }: CompiledMapping): readonly (readonly string[])[] {
  const names = (places: readonly number[]): readonly string[] =>
    places.map((n) => columns[n]?.column.name ?? '');
  const isMade = identity !== null && columns[identity.index]?.make.kind === 'identity';
  const keys = found === 'target' ? [names(targetKey)] : [];
  return isMade ? [...keys, names([identity.index])] : keys;
}

/**
 * The constraints that speak of nothing but columns that the mapping writes; the others are left to COPY itself, and so
 * are uniques over one of its `own` keys.
 */
function askable(
  facts: ConstraintFacts,
  written: (names: readonly string[]) => boolean,
  own: readonly (readonly string[])[],
): ConstraintFacts {
  return {
    ...facts,
    checks: facts.checks.filter((check) => !check.wholeRow && written(check.columns)),
    domains: facts.domains.filter((domain) => written([domain.column])),
    foreignKeys: facts.foreignKeys.filter(
      (key) =>
        !key.period &&
        written(key.columns.map((c) => c.column)) &&
        (!key.self || written(key.columns.map((c) => c.referenced))),
    ),
    uniques: facts.uniques.filter(
      ({ columns, predicate }) =>
        written(columns) &&
        !(predicate === null && own.some((key) => key.every((name) => columns.includes(name)))),
    ),
  };
}

function fieldsOf(facts: ConstraintFacts, places: ReadonlyMap<string, number>): readonly number[] {
  const names = [
    ...facts.checks.flatMap((check) => check.columns),
    ...facts.domains.map((domain) => domain.column),
    ...facts.foreignKeys.flatMap((key) =>
      key.columns.flatMap((c) => (key.self ? [c.column, c.referenced] : [c.column])),
    ),
    ...facts.uniques.flatMap((unique) => unique.columns),
  ];
  return [...new Set(names.map((name) => places.get(name) ?? 0))];
}

interface Listed {
  readonly name: string;
  /** Stands there as the text that it comes as. */
  readonly isText: boolean;
}

function createSql(
  { table }: CompiledMapping,
  facts: ConstraintFacts,
  { ordinal, listed }: { readonly ordinal: string; readonly listed: readonly Listed[] },
): string {
  const bases = new Map(facts.domains.map((domain) => [domain.column, domain.base]));
  const list = listed.map(({ name, isText }) => {
    if (isText) return `null::text as ${quoteName(name)}`;
    const base = bases.get(name);
    // A domain itself would refuse the whole of the COPY.
    return base === undefined ? quoteName(name) : `${quoteName(name)}::${base} as ${quoteName(name)}`;
  });
  // Rows that refer to each other are followed from one to the next, which may be many.
  const indexes = facts.foreignKeys
    .filter((key) => key.self)
    .flatMap((key) => [
      key.columns.map((c) => quoteName(c.column)),
      key.columns.map((c) => quoteName(c.referenced)),
    ]);
  if (indexes.length > 0) indexes.push([ordinal]);
  return [
    `drop table if exists ${PROBE_TABLE}`,
    `create temp table etl_probe on commit delete rows as
     select null::bigint as ${ordinal}, ${list.join(', ')} from ${quoteTable(table)} with no data`,
    ...indexes.map((columns) => `create index on ${PROBE_TABLE} (${columns.join(', ')})`),
  ].join('; ');
}
