import fc from 'fast-check';
import type { TableColumn } from '../../../engine/contract/catalogue.js';
import { canonicalDecimal } from '../../../engine/contract/decimal.js';
import type { Resolver } from '../../../engine/contract/mapping.js';
import type { BaseType, Scalar } from '../../../engine/contract/value.js';
import { AT, located, typeOf } from '../../support/compiled.js';
import type { Entry } from '../../support/oracle.js';
import { scalars } from './origins.js';

const TYPES = [
  typeOf('text', 'text'),
  typeOf('text', 'varchar', 4 + 5),
  typeOf('text', 'bpchar', 4 + 3),
  typeOf('integer', 'int2'),
  typeOf('integer', 'int4'),
  typeOf('integer', 'int8'),
  typeOf('numeric', 'numeric'),
  typeOf('numeric', 'numeric', 4 + 4 * 65_536 + 2),
  typeOf('float', 'float8'),
  typeOf('boolean', 'bool'),
  typeOf('date'),
  typeOf('timestamp'),
  typeOf('timestamptz'),
  typeOf('json', 'jsonb'),
  typeOf('uuid'),
  { ...typeOf('other', 'mood'), kind: 'enum' as const, labels: ['a', 'N', '7'] },
];
const keys = fc.oneof(
  fc.constantFrom('1', '1.0', '7', '-1', '0').map((text): Scalar => ({ type: 'number', text })),
  fc
    .constantFrom('a', 'N', '1', '7', 'x', 'true', 'false', '', '2020-02-29', 'NaN')
    .map((text): Scalar => ({ type: 'string', text })),
);
/** One key is one key whichever way it is written. */
const sameKeys = { selector: (key: Scalar) => canonicalDecimal(key.text) ?? key.text, maxLength: 5 };

/** Part of a column that is not its origin: what comes behind the steps. */
export interface Rest {
  readonly resolver: Resolver | null;
  readonly default: Scalar | null;
  readonly entries: readonly Entry[];
  readonly notNull: boolean;
  readonly secondPass: boolean;
  readonly type: TableColumn['type'];
  /** The referenced key's type. */
  readonly keyType: BaseType;
}

export const rests: fc.Arbitrary<Rest> = fc
  .record({
    kind: fc.constantFrom('none', 'none', 'none', 'map', 'lookup', 'references'),
    entries: fc
      .uniqueArray(keys, sameKeys)
      .chain((list) =>
        fc
          .tuple(...list.map(() => scalars))
          .map((values) => list.map((key, n) => ({ key, value: values[n] ?? key }))),
      ),
    unmapped: fc.oneof(
      fc
        .constantFrom('reject' as const, 'keep' as const, 'null' as const, 'fail' as const)
        .map((kind) => ({ kind })),
      scalars.map((value) => ({ kind: 'value' as const, value })),
    ),
    missing: fc.constantFrom('reject', 'null', 'fail'),
    default: fc.option(scalars, { nil: null, freq: 2 }),
    notNull: fc.boolean(),
    secondPass: fc.boolean(),
    type: fc.constantFrom(...TYPES),
    keyType: fc.constantFrom<BaseType>('integer', 'text', 'numeric'),
  })
  .map(({ kind, entries, unmapped, missing, ...rest }): Rest => {
    const at = AT;
    const table = entries.map(({ key, value }): Entry => ({
      keys: [key],
      value: value.type === 'null' ? null : value.text,
    }));
    const lookup = { name: 'table', from: { kind: 'values' as const, entries }, at };
    if (kind === 'map')
      return { ...rest, resolver: { kind, entries, unmapped, at }, entries: [], secondPass: false };
    if (kind === 'lookup')
      return { ...rest, resolver: { kind, lookup, missing, at }, entries: table, secondPass: false };
    if (kind === 'references') {
      // Key maps hold keys of one type, and ids that are there.
      const own = table.filter(
        ({ keys: [key] }) => rest.keyType !== 'integer' || /^-?\d{1,15}$/.test(key?.text ?? ''),
      );
      const ids = own.map(({ keys: [key] }, n): Entry => ({
        keys: [{ type: 'string', text: key?.text ?? '' }],
        value: String(100 + n),
      }));
      return {
        ...rest,
        resolver: {
          kind,
          parents: [{ mapping: located('others'), by: null, yields: null, when: null }],
          switch: null,
          missing,
          at,
        },
        // A reference's default is a value of its column: what no database could hold is not one.
        default:
          rest.default !== null && (rest.default.text.includes('\0') || !rest.default.text.isWellFormed())
            ? null
            : rest.default,
        entries: ids,
        notNull: rest.notNull && !rest.secondPass,
        type: typeOf('integer', 'int8'),
      };
    }
    return { ...rest, resolver: null, entries: [], secondPass: false };
  });
