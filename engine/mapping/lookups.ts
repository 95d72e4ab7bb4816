import type { Lookup } from '../contract/mapping.js';
import type { Position } from '../contract/problem.js';
import { checkConnection } from './build.js';
import type { Build, NamedLookups } from './build.js';
import { errorAt, located } from './report.js';
import type { RawLookup, RawLookups } from './spec/lookup.js';

/** The look-ups of a mapping or of etl.yaml. */
export function normaliseLookups(
  raw: { readonly values: { readonly lookups?: RawLookups }; readonly keyAt: ReadonlyMap<string, Position> },
  build: Build,
): NamedLookups {
  const lookups = (raw.values.lookups ?? []).map(({ entry, value }): [string, Lookup | null] => [
    entry.key,
    value === undefined ? null : normaliseLookup(value, entry.key, entry.keyAt, build),
  ]);
  const complete = raw.values.lookups !== undefined || !raw.keyAt.has('lookups');
  return { byName: new Map(lookups), complete };
}

/** One look-up; `name` is null where it stands inline. Null where it cannot be used, which is reported. */
export function normaliseLookup(
  raw: RawLookup,
  name: string | null,
  at: Position,
  build: Build,
): Lookup | null {
  const { values } = raw;
  if (values.values !== undefined) return { name, from: { kind: 'values', entries: values.values }, at };
  if (raw.keyAt.has('values')) return null;
  const { key, value } = columns(raw, build);
  const connection = values.connection ?? located('source', at);
  checkConnection(connection, build);
  if (values.file !== undefined) {
    const file = build.files.find(values.file, true, build.report);
    if (file === null || key === undefined || value === undefined) return null;
    return { name, from: { kind: 'file', file, key, value }, at };
  }
  if (key === undefined || value === undefined) return null;
  if (values.table !== undefined) {
    return { name, from: { kind: 'table', connection, table: values.table, key, value }, at };
  }
  if (values.query === undefined) return null;
  return { name, from: { kind: 'query', connection, sql: values.query, key, value }, at };
}

/** `key` and `value`, which every look-up but one of `values` needs. */
function columns(raw: RawLookup, { report }: Build): Pick<RawLookup['values'], 'key' | 'value'> {
  for (const name of ['key', 'value']) {
    if (raw.keyAt.has(name)) continue;
    const help = 'key: the column that is compared; value: the column that is the result';
    report(errorAt('ETL-LANG-002', raw.owner, `a look-up needs the key "${name}"`, { help }));
  }
  return raw.values;
}
