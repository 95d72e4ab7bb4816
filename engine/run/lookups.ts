import { readFile } from 'node:fs/promises';
import type { CompiledMapping } from '../contract/compiled.js';
import type { Lookup, Mapping } from '../contract/mapping.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import type { BaseType, Scalar } from '../contract/value.js';
import { quoteDotted } from '../contract/table-name.js';
import { copyRows } from '../postgres/copy-rows.js';
import { quoteName } from '../postgres/identifier.js';
import { csvRows } from '../resolve/csv-rows.js';
import { ValueMap } from '../resolve/value-map.js';

/** Does a work with a session of a connection. */
export type OnSession = <T>(connection: string, work: (session: Session) => Promise<T>) => Promise<T>;

/** What a mapping's look-ups are read with. */
export interface LookupSessions {
  /** Of the mapping's own source. */
  readonly reader: Session;
  readonly target: Session;
  /** Of any other connection. */
  readonly elsewhere: OnSession;
}

type Queried = Extract<Lookup['from'], { kind: 'query' | 'table' }>;

interface Entry {
  readonly key: Scalar;
  readonly value: string | null;
}

/** The connections that a mapping's look-ups are read from. */
export const lookupConnections = ({ columns }: Mapping): readonly string[] =>
  columns.flatMap(({ resolver }) =>
    resolver?.kind === 'lookup' && 'connection' in resolver.lookup.from
      ? [resolver.lookup.from.connection.value]
      : [],
  );

/** The connections that mappings' rows are read from, then those of their look-ups; but for look-ups of the target. */
export const readConnections = (mappings: readonly CompiledMapping[]): readonly string[] => [
  ...new Set([
    ...mappings.map(({ mapping }) => mapping.source.connection.value),
    ...mappings.flatMap(({ mapping }) => lookupConnections(mapping)).filter((name) => name !== 'target'),
  ]),
];

const text = (value: string): Scalar => ({ type: 'string', text: value });

/** The entries of a look-up that no database holds. */
async function* entriesOf(lookup: Lookup, from: Exclude<Lookup['from'], Queried>): AsyncIterable<Entry> {
  if (from.kind === 'values') {
    for (const { key, value } of from.entries)
      yield { key, value: value.type === 'null' ? null : value.text };
    return;
  }
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
}

async function* queriedEntries(lookup: Lookup, from: Queried, session: Session): AsyncIterable<Entry> {
  // Of a table no other column is named: a right to read these two is enough.
  const rows =
    from.kind === 'query' ? `(${from.sql.value.replace(/;\s*$/, '')}\n) q` : quoteDotted(from.table.value);
  const sql = `select ${quoteName(from.key.value)}, ${quoteName(from.value.value)} from ${rows}`;
  try {
    for await (const [key, value] of copyRows(session, sql)) {
      if (key !== null && key !== undefined) yield { key: text(key), value: value ?? null };
    }
  } catch (error) {
    if (!(error instanceof EtlError) || error.exitCode === EXIT.transient) throw error;
    throw lookupError(lookup, error.message);
  }
}

const lookupError = (lookup: Lookup, what: string): EtlError =>
  new EtlError(
    `look-up ${lookup.name === null ? '' : `"${lookup.name}" `}(${lookup.at.file}:${String(lookup.at.line)}): ${what}`,
    { exitCode: EXIT.usage },
  );

/** Reads one look-up, for values of a type. @throws EtlError where a key stands twice */
async function readLookup(lookup: Lookup, type: BaseType, on: OnSession): Promise<ValueMap> {
  const table = new ValueMap(type);
  const fill = async (entries: AsyncIterable<Entry>): Promise<void> => {
    for await (const { key, value } of entries) {
      if (!table.add(key, value)) throw lookupError(lookup, `the key "${key.text}" stands twice`);
    }
  };
  const { from } = lookup;
  if (from.kind === 'values' || from.kind === 'file') await fill(entriesOf(lookup, from));
  else await on(from.connection.value, (session) => fill(queriedEntries(lookup, from, session)));
  return table;
}

/** The tables of all `lookup` columns of a mapping, by target column. */
export async function lookupsOf(
  { mapping, columns }: CompiledMapping,
  { reader, target, elsewhere }: LookupSessions,
): Promise<ReadonlyMap<string, ValueMap>> {
  const on: OnSession = (connection, work) =>
    connection === mapping.source.connection.value
      ? work(reader)
      : connection === 'target'
        ? work(target)
        : elsewhere(connection, work);
  const makes = new Map(columns.map(({ column, make }) => [column.name, make]));
  const tables = new Map<string, ValueMap>();
  for (const { column, resolver } of mapping.columns) {
    if (resolver?.kind !== 'lookup') continue;
    const make = makes.get(column.value);
    const type = make?.kind === 'value' ? (make.keyTypes[0] ?? 'text') : 'text';
    tables.set(column.value, await readLookup(resolver.lookup, type, on));
  }
  return tables;
}
