import { readFile } from 'node:fs/promises';
import type { ColumnSpec, Lookup, Mapping } from '../contract/mapping.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import type { BaseType, Scalar } from '../contract/value.js';
import { quoteDotted } from '../contract/table-name.js';
import { copyRows } from '../postgres/copy-rows.js';
import { quoteName } from '../postgres/identifier.js';
import { csvRows } from '../resolve/csv-rows.js';
import { ValueMap } from '../resolve/value-map.js';

/** The sessions that look-ups are read with, by the connection's name. */
export type LookupSessions = (connection: string) => Session;

const text = (value: string): Scalar => ({ type: 'string', text: value });

async function* entriesOf(
  lookup: Lookup,
  sessions: LookupSessions,
): AsyncIterable<{ key: Scalar; value: string | null }> {
  const { from } = lookup;
  switch (from.kind) {
    case 'values':
      for (const { key, value } of from.entries)
        yield { key, value: value.type === 'null' ? null : value.text };
      return;
    case 'file': {
      const rows = csvRows(await readFile(from.file)).map(({ row }) => row);
      const [first] = rows;
      for (const column of [from.key.value, from.value.value]) {
        if (first !== undefined && !Object.hasOwn(first, column)) {
          throw lookupError(
            lookup,
            `the file has no column "${column}"; it has ${Object.keys(first).join(', ')}`,
          );
        }
      }
      for (const row of rows)
        yield { key: text(row[from.key.value] ?? ''), value: row[from.value.value] ?? null };
      return;
    }
    case 'query':
    case 'table': {
      // Of a table no other column is named: a right to read these two is enough.
      const rows =
        from.kind === 'query'
          ? `(${from.sql.value.replace(/;\s*$/, '')}\n) q`
          : quoteDotted(from.table.value);
      const sql = `select ${quoteName(from.key.value)}, ${quoteName(from.value.value)} from ${rows}`;
      try {
        for await (const [key, value] of copyRows(sessions(from.connection.value), sql)) {
          if (key !== null && key !== undefined) yield { key: text(key), value: value ?? null };
        }
      } catch (error) {
        if (!(error instanceof EtlError) || error.exitCode === EXIT.transient) throw error;
        throw lookupError(lookup, error.message);
      }
    }
  }
}

const lookupError = (lookup: Lookup, what: string): EtlError =>
  new EtlError(
    `look-up ${lookup.name === null ? '' : `"${lookup.name}" `}(${lookup.at.file}:${String(lookup.at.line)}): ${what}`,
    { exitCode: EXIT.usage },
  );

/** Reads one look-up, for values of a type. @throws EtlError where a key stands twice */
async function readLookup(lookup: Lookup, from: BaseType, sessions: LookupSessions): Promise<ValueMap> {
  const table = new ValueMap(from);
  for await (const { key, value } of entriesOf(lookup, sessions)) {
    if (!table.add(key, value)) throw lookupError(lookup, `the key "${key.text}" stands twice`);
  }
  return table;
}

/** The tables of all `lookup` columns of a mapping, by target column. */
export async function readLookups(
  mapping: Mapping,
  typeOf: (column: ColumnSpec) => BaseType,
  sessions: LookupSessions,
): Promise<ReadonlyMap<string, ValueMap>> {
  const tables = new Map<string, ValueMap>();
  for (const spec of mapping.columns) {
    if (spec.resolver?.kind !== 'lookup') continue;
    tables.set(spec.column.value, await readLookup(spec.resolver.lookup, typeOf(spec), sessions));
  }
  return tables;
}
