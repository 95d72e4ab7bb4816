import type { Lookup } from '../../contract/mapping.js';
import type { Position } from '../../contract/problem.js';
import { comparableKey, resolvePlain } from '../../mapping/scalars.js';
import { csvRows } from '../../resolve/csv-rows.js';
import { SqlPart, type Facet, type Path } from '../facet.js';
import type { SideInput } from '../side.js';
import type { Make } from './make.js';

interface Use {
  /** The resolver's. */
  readonly id: readonly string[];
  /** The column's. */
  readonly path: Path;
  readonly make: Make;
  readonly side: SideInput;
}

/**
 * What a column's look-up says. Values count, not where they stand: a table of values that moves into a file is the
 * same. Its places are those of its definition, in the mapping or in etl.yaml, or lines of the CSV file.
 */
export function lookupFacets({ name, from, at }: Lookup, { id, path, make, side }: Use): readonly Facet[] {
  const root: Path = name === null ? [...path, 'lookup'] : ['lookups', name];
  const words = name === null ? 'lookup' : `lookup ${name}`;
  const told = (what: string): Partial<Facet> => (name === null ? {} : { what: `${words}: ${what}` });
  const facet = (key: string, value: Facet['value'], more: Partial<Facet> = {}): Facet =>
    make(`a look-up › ${key}`, [...root, key], `lookup: ${key}`, value, {
      ...{ id: [...id, 'lookup', key], near: at, ...told(key) },
      ...more,
    });
  const entry = (key: string, comparable: string, value: string, more: Partial<Facet>): Facet =>
    make('a look-up › values', [...root, 'values', key], `lookup: entry ${key}`, value, {
      ...{ id: [...id, 'lookup', 'values', comparable], near: at, ...told(`entry ${key}`) },
      ...more,
    });
  switch (from.kind) {
    case 'values':
      return [
        facet('values', 'values', { id: [...id, 'lookup'], whole: true, shown: words }),
        ...from.entries.map(({ key, value }) =>
          entry(key.text, comparableKey(key), value.type === 'null' ? 'null' : value.text, {}),
        ),
      ];
    case 'file': {
      const [text, file] = [side.tables.get(from.file) ?? '', side.shown(from.file)];
      const place = (line: number): Position => ({ file, line, column: 1, length: 1 });
      return [
        // Values are compared with values, wherever they stand.
        facet('file', 'values', { id: [...id, 'lookup'], whole: true, shown: words }),
        ...csvRows(text).map(({ row, line }) => {
          const key = row[from.key.value] ?? '';
          return entry(key, comparableKey(resolvePlain(key)), row[from.value.value] ?? '', {
            ...{ path: [], near: place(line) },
          });
        }),
      ];
    }
    case 'query':
    case 'table':
      return [
        facet(from.kind, from.kind, { id: [...id, 'lookup'], whole: true, shown: words }),
        facet('connection', from.connection.value),
        from.kind === 'query'
          ? facet('query', SqlPart.of(from.sql, false))
          : facet('table', from.table.value),
        facet('key', from.key.value),
        facet('value', from.value.value),
      ];
  }
}
