import type { SourceReading } from '../../contract/graph.js';
import type { Mapping, Origin } from '../../contract/mapping.js';
import type { QueryProvenance } from '../../sql/index.js';

/** Reads where columns come from out of the SQL of some mappings; the parser is loaded where there is any. */
export async function readSources(mappings: readonly Mapping[]): Promise<SourceReading> {
  const tables = new Map<string, string>();
  const queries = new Map<string, string>();
  for (const { name, source } of mappings) {
    if (source.from.kind === 'table') tables.set(name, source.from.table.value);
    else queries.set(name, source.from.sql.value);
  }
  const expressions = new Set(
    mappings.flatMap(({ columns }) => columns.flatMap(({ origin }) => sqlOf(origin))),
  );
  const { given, taken } = await parsed(queries, expressions);
  const { tables: read } = await readLookups(mappings);
  return {
    behind: (mapping, column) => {
      const table = tables.get(mapping);
      if (table !== undefined) return { columns: [`${table}.${column}`], direct: true };
      return given.get(mapping)?.of(column) ?? null;
    },
    takes: (sql) => taken.get(sql) ?? [],
    tables: read,
  };
}

/** Reads the queries of look-ups alone: for who wants the graph without its columns. */
export async function readLookups(mappings: readonly Mapping[]): Promise<SourceReading> {
  const queries = new Set(
    mappings.flatMap(({ columns }) =>
      columns.flatMap(({ resolver }) =>
        resolver?.kind === 'lookup' && resolver.lookup.from.kind === 'query'
          ? [resolver.lookup.from.sql.value]
          : [],
      ),
    ),
  );
  const read = new Map<string, readonly string[]>();
  if (queries.size > 0) {
    const { loadParser, tablesOf } = await import('../../sql/index.js');
    const parser = await loadParser();
    for (const sql of queries) {
      const found = tablesOf(sql, parser);
      read.set(
        sql,
        found.map(({ schema, name }) => (schema === null ? name : `${schema}.${name}`)),
      );
    }
  }
  return { behind: () => null, takes: () => [], tables: (sql) => read.get(sql) ?? [] };
}

function sqlOf(origin: Origin): readonly string[] {
  if (origin.kind === 'sql') return [origin.sql.value];
  if (origin.kind === 'object') return origin.entries.flatMap((entry) => sqlOf(entry.origin));
  return origin.kind === 'array' ? origin.items.flatMap(sqlOf) : [];
}

async function parsed(
  queries: ReadonlyMap<string, string>,
  expressions: ReadonlySet<string>,
): Promise<{
  readonly given: ReadonlyMap<string, QueryProvenance>;
  readonly taken: ReadonlyMap<string, readonly string[]>;
}> {
  const given = new Map<string, QueryProvenance>();
  const taken = new Map<string, readonly string[]>();
  if (queries.size + expressions.size === 0) return { given, taken };
  const { loadParser, provenanceOf, readExpression } = await import('../../sql/index.js');
  const parser = await loadParser();
  for (const [name, text] of queries) {
    const found = provenanceOf(text, parser);
    if (found !== null) given.set(name, found);
  }
  for (const sql of expressions) {
    taken.set(sql, [...new Set(readExpression(sql, parser).takes.map(({ name }) => name))]);
  }
  return { given, taken };
}
