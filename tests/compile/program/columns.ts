import fc from 'fast-check';
import { assign, assignBase } from '../../../engine/compile/assign.js';
import type { TableColumn } from '../../../engine/contract/catalogue.js';
import type { BoundOrigin, Check, CompiledColumn, Field } from '../../../engine/contract/compiled.js';
import type { ColumnSpec, StepUse } from '../../../engine/contract/mapping.js';
import type { BaseType } from '../../../engine/contract/value.js';
import { AT, columnOf, located, typeOf } from '../../support/compiled.js';
import type { Entry } from '../../support/oracle.js';
import { USES, origins, stepsFor, typeOfOrigin } from './origins.js';
import { rests, type Rest } from './rests.js';

const withNotNull = (column: TableColumn, checks: readonly Check[]): readonly Check[] =>
  column.notNull ? [{ kind: 'not_null' }, ...checks] : checks;

/** A column that is made, its type changed to text where the value would not go into it. */
function valueColumn(
  name: string,
  origin: BoundOrigin,
  uses: readonly StepUse[],
  base: BaseType,
  rest: Rest,
): CompiledColumn {
  const wanted = columnOf(name, rest.type, { notNull: rest.notNull });
  const how = assignBase(base, wanted);
  const fitting =
    how.how === 'demand' && rest.resolver === null
      ? columnOf(name, typeOf('text'), { notNull: rest.notNull })
      : wanted;
  const checked = rest.resolver?.kind === 'references' ? [] : assignBase(fitting.type.base, fitting);
  const limits = 'how' in checked ? (checked.how === 'demand' ? [] : checked.checks) : [];
  const spec: ColumnSpec = {
    column: located(name),
    origin: { kind: 'source', columns: [], at: AT },
    steps: uses,
    resolver: rest.resolver,
    default: rest.default === null ? null : located(rest.default),
  };
  const reference =
    rest.resolver?.kind === 'references'
      ? {
          parents: [{ keyTypes: [rest.keyType], yields: null, asText: false, isLate: rest.secondPass }],
          switch: null,
        }
      : null;
  const keyTypes = reference === null ? [base] : [];
  const checks = withNotNull(fitting, limits);
  return {
    column: fitting,
    at: AT,
    volatile: false,
    make: { kind: 'value', spec, origin, checks, keyTypes, reference },
  };
}

function bytesColumn(name: string, fields: readonly Field[], field: number, rest: Rest): CompiledColumn {
  const from = fields[field]?.type ?? typeOf('text');
  const wanted = columnOf(name, rest.type, { notNull: rest.notNull });
  const how = assign(from, wanted);
  // What would be cast by the source, or not be loaded, goes into a column of its own type.
  const column = how.how === 'bytes' ? wanted : columnOf(name, from, { notNull: rest.notNull });
  const checks = how.how === 'bytes' ? how.checks : [];
  return {
    column,
    at: AT,
    volatile: false,
    make: { kind: 'bytes', field, checks: withNotNull(column, checks) },
  };
}

/** A column of several source columns: joined, or the first that is not null. */
function severalColumn(name: string, fields: readonly Field[], rest: Rest): fc.Arbitrary<CompiledColumn> {
  const uses = USES.filter(({ step }) => step.kind === 'several');
  const indices = fc.array(fc.nat({ max: fields.length - 1 }), { minLength: 2, maxLength: 3 });
  return fc.tuple(indices, fc.constantFrom(...uses)).map(([list, { use }]) =>
    valueColumn(name, { kind: 'fields', fields: list }, [use], 'text', {
      ...rest,
      type: typeOf('text'),
      // Steps before a reference of several columns: see known.test.ts.
      resolver: rest.resolver?.kind === 'references' ? null : rest.resolver,
      secondPass: false,
    }),
  );
}

/** A column of any kind, and the entries of the table that it looks into. */
export function columnArbitrary(
  name: string,
  fields: readonly Field[],
): fc.Arbitrary<{ readonly column: CompiledColumn; readonly entries: readonly Entry[] }> {
  return fc
    .tuple(
      rests,
      fc.constantFrom('bytes', 'value', 'value', 'value', 'several'),
      fc.nat({ max: fields.length - 1 }),
    )
    .chain(([rest, kind, field]) => {
      const done = (column: CompiledColumn) => ({ column, entries: rest.entries });
      if (kind === 'bytes') return fc.constant(done(bytesColumn(name, fields, field, rest)));
      if (kind === 'several') return severalColumn(name, fields, rest).map(done);
      return origins(fields).chain((origin) =>
        stepsFor(typeOfOrigin(origin, fields)).map(({ uses, base }) =>
          done(valueColumn(name, origin, uses, base, rest)),
        ),
      );
    });
}
