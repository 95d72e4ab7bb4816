import type { Mapping } from '../contract/mapping.js';
import type { Located, Problem } from '../contract/problem.js';
import { refusedSql } from './refused-sql.js';
import { withoutSemicolon, type CatalogueReader } from './shape.js';

/** Asks the databases whether they take the queries of checks: a misspelt one is found before the load, not behind it. */
export async function describeCheckQueries(
  mappings: readonly Mapping[],
  catalogues: ReadonlyMap<string, CatalogueReader>,
  problems: Problem[],
): Promise<void> {
  const asked = new Map<string, Located<string>[]>();
  for (const { test } of mappings.flatMap(({ checks }) => checks)) {
    if (test.kind !== 'query') continue;
    const { value: connection } = test.connection;
    asked.set(connection, [...(asked.get(connection) ?? []), test.sql]);
  }
  for (const [connection, queries] of asked) {
    const catalogue = catalogues.get(connection);
    if (catalogue === undefined) throw new Error(`connection ${connection} was not opened`);
    const answers = await catalogue.describe(queries.map(({ value }) => withoutSemicolon(value)));
    for (const [n, piece] of queries.entries()) {
      const answer = answers[n];
      if (!(answer instanceof Error)) continue;
      problems.push(refusedSql(answer, { piece, offset: 0, over: null }, connection));
    }
  }
}
