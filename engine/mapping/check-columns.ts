import type { Lookup, Mapping, Origin } from '../contract/mapping.js';
import type { Located } from '../contract/problem.js';
import { unknownSourceColumn } from '../contract/source-column.js';
import { within } from '../contract/sql-text.js';
import type { SqlText } from '../contract/sql-text.js';
import type { SqlRead } from './check-sql.js';
import { errorAt } from './report.js';
import type { Report } from './report.js';

/**
 * Checks the names of source columns, and what SQL says of them, against the columns that queries give: as far as
 * their text alone decides these. What it does not decide (`select *` of a table) is left to the database.
 */
export function checkSourceColumns(
  mappings: ReadonlyMap<string, Mapping>,
  read: SqlRead,
  report: Report,
): void {
  const lookups = new Set<Lookup>();
  for (const mapping of mappings.values()) {
    const given = outputsOf(mapping, read);
    if (given !== null) {
      checkNames(given, named(mapping), report);
      checkNames(given, inExpressions(mapping, read), report);
    }
    for (const { resolver } of mapping.columns) {
      if (resolver?.kind === 'lookup') lookups.add(resolver.lookup);
      if (resolver?.kind !== 'references') continue;
      for (const { mapping: name, by } of resolver.parents) {
        const other = mappings.get(name.value);
        const theirs = other === undefined || by === null ? null : outputsOf(other, read);
        if (theirs !== null && by !== null) {
          checkNames(theirs, [by], report, `the source of "${name.value}"`);
        }
      }
    }
    const { from } = mapping.source;
    if (from.kind === 'query') checkTwice(from.sql, read, report);
  }
  for (const { from } of lookups) {
    const given = from.kind === 'query' ? namesOf(from.sql, read) : null;
    if (from.kind === 'query' && given !== null) {
      checkNames(given, [from.key, from.value], report, "the look-up's query");
    }
  }
}

function outputsOf({ source: { from } }: Mapping, read: SqlRead): readonly string[] | null {
  return from.kind === 'query' ? namesOf(from.sql, read) : null;
}

function namesOf(sql: SqlText, read: SqlRead): readonly string[] | null {
  return read.get(sql)?.gives?.map(({ name }) => name) ?? null;
}

function checkNames(
  given: readonly string[],
  names: readonly Located<string>[],
  report: Report,
  whose?: string,
): void {
  for (const name of names) if (!given.includes(name.value)) report(unknownSourceColumn(name, given, whose));
}

/** Every source column that a mapping names outside of SQL. */
function named({ source, columns }: Mapping): readonly Located<string>[] {
  const { key, changedAt, ignore, sensitive } = source;
  return [
    ...key,
    ...(changedAt === null ? [] : [changedAt.column]),
    ...(ignore === '*' ? [] : ignore),
    ...sensitive,
    ...columns.flatMap(({ origin, resolver }) => [
      ...leaves(origin).flatMap((leaf) => (leaf.kind === 'source' ? leaf.columns : [])),
      ...(resolver?.kind === 'references' && resolver.switch !== null ? [resolver.switch] : []),
    ]),
  ];
}

/** The columns that conditions and expressions of a mapping speak of, each at its place in them. */
function inExpressions({ source, columns, rules }: Mapping, read: SqlRead): readonly Located<string>[] {
  const pieces = [
    ...source.skipWhen.map(({ sql }) => sql),
    ...columns.flatMap(({ origin }) =>
      leaves(origin).flatMap((leaf) => (leaf.kind === 'sql' ? [leaf.sql] : [])),
    ),
    ...rules.flatMap(({ test }) => (test.kind === 'sql' ? [test.sql] : [])),
  ];
  return pieces.flatMap((sql) =>
    (read.get(sql)?.takes ?? []).map(({ name, offset }) => ({ value: name, at: within(sql, offset) })),
  );
}

function leaves(origin: Origin): readonly Origin[] {
  if (origin.kind === 'object') return origin.entries.flatMap((entry) => leaves(entry.origin));
  return origin.kind === 'array' ? origin.items.flatMap(leaves) : [origin];
}

/** A mapping could mean either of two columns of one name. */
function checkTwice(sql: SqlText, read: SqlRead, report: Report): void {
  const given = read.get(sql)?.gives ?? [];
  const twice = given.find(({ name }, n) => given.findIndex((other) => other.name === name) < n);
  if (twice === undefined) return;
  const message = `the query gives two columns named "${twice.name}"`;
  const help = 'give one of them another name with: as …';
  report(errorAt('ETL-BIND-015', within(sql, twice.offset ?? 0), message, { help }));
}
