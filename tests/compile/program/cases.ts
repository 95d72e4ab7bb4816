import fc from 'fast-check';
import type { CompiledMapping } from '../../../engine/contract/compiled.js';
import { compiledOf, fieldOf, typeOf } from '../../support/compiled.js';
import type { Entry, SourceRow } from '../../support/oracle.js';
import { columnArbitrary } from './columns.js';
import { rulesOf } from './rules.js';
import { BASES, valueOf } from './values.js';

/** A random mapping, the tables that its columns look into, and rows of its source. */
export interface Case {
  readonly compiled: CompiledMapping;
  readonly tables: ReadonlyMap<string, readonly Entry[]>;
  readonly rows: readonly SourceRow[];
}

const NAMES: Readonly<Record<string, string>> = {
  integer: 'int8',
  float: 'float8',
  boolean: 'bool',
  json: 'jsonb',
};

const UNSAID = new Set([
  'at',
  'labels',
  'hasDefault',
  'generated',
  'identity',
  'sequence',
  'volatile',
  'sql',
]);

/** What of a case is random, for the counterexample. */
const describeCase = (...parts: readonly unknown[]): string =>
  JSON.stringify(parts, (key, value: unknown): unknown => {
    if (UNSAID.has(key)) return undefined;
    const isType = typeof value === 'object' && value !== null && 'domainOf' in value && 'name' in value;
    return isType ? value.name : value;
  });

/** Mappings of up to five fields and five columns, with up to six rows. */
export const cases: fc.Arbitrary<Case> = fc
  .array(fc.tuple(fc.constantFrom(...BASES), fc.boolean()), { minLength: 1, maxLength: 5 })
  .chain((list) => {
    const fields = list.map(([base, sensitive], n) => ({
      ...fieldOf(`f${String(n)}`, typeOf(base, NAMES[base] ?? base)),
      sensitive: sensitive && n === 1,
    }));
    const row = fc.tuple(...fields.map(({ type }) => valueOf(type.base)));
    const columns = fc
      .integer({ min: 1, max: 5 })
      .chain((count) =>
        fc.tuple(...Array.from({ length: count }, (_, n) => columnArbitrary(`c${String(n)}`, fields))),
      );
    const key = fc.constantFrom(...(fields.length > 1 ? [[0], [1, 0]] : [[0]]));
    return fc
      .tuple(columns, fc.array(row, { minLength: 1, maxLength: 6 }), key)
      .chain(([made, rows, chosen]) => {
        const all = made.map(({ column }) => column);
        return rulesOf(fields, all).map((rules) => ({
          compiled: compiledOf(fields, all, { rules, key: chosen }),
          tables: new Map(made.map(({ column, entries }) => [column.column.name, entries])),
          rows,
          toString: () => describeCase(fields, all, rows, rules),
        }));
      });
  });
