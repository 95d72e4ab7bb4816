import fc from 'fast-check';
import type { CompiledColumn, CompiledRule, Field } from '../../../engine/contract/compiled.js';
import type { RuleSpec } from '../../../engine/contract/mapping.js';
import type { Json } from '../../../engine/contract/value.js';
import { AT, sqlText } from '../../support/compiled.js';

const severities = fc.constantFrom('reject', 'warn', 'fail');

/** Rules that go with the columns' types, and SQL rules over the boolean fields. */
export function rulesOf(
  fields: readonly Field[],
  columns: readonly CompiledColumn[],
): fc.Arbitrary<readonly CompiledRule[]> {
  const spec = (name: string, severity: RuleSpec['severity'], test: RuleSpec['test']): RuleSpec => ({
    name,
    severity,
    test,
    at: AT,
  });
  const onColumn = (
    index: number,
    rule: string,
    argument: Json,
    severity: RuleSpec['severity'],
  ): CompiledRule => ({
    rule: spec(`${rule} of ${String(index)}`, severity, { kind: 'rule', rule, argument }),
    test: { kind: 'rule', columns: [index], types: [columns[index]?.column.type.base ?? 'text'] },
  });
  const one = fc
    .tuple(fc.nat({ max: columns.length - 1 }), severities, fc.nat({ max: 3 }))
    .map(([index, severity, kind]) => {
      const { name, type } = columns[index]?.column ?? { name: '', type: null };
      const isNumber = type?.base === 'integer' || type?.base === 'numeric' || type?.base === 'float';
      if (kind === 0) return onColumn(index, 'not_null', [name], severity);
      if (isNumber) return onColumn(index, 'range', { column: name, min: 0, max: 100 }, severity);
      if (type?.base === 'boolean') {
        return onColumn(index, 'accepted_values', { column: name, values: [true] }, severity);
      }
      if (type?.base === 'text') {
        return kind === 1
          ? onColumn(index, 'length', { column: name, min: 1, max: 4 }, severity)
          : onColumn(index, 'accepted_values', { column: name, values: ['a', 'N', 7, '1'] }, severity);
      }
      return onColumn(index, 'not_null', [name], severity);
    });
  const pair = fc
    .tuple(severities, fc.nat({ max: columns.length - 1 }))
    .map(([severity, second]): CompiledRule => {
      const names = [columns[0]?.column.name ?? '', columns[second]?.column.name ?? ''];
      const argument = second === 0 ? names.slice(1) : names;
      const chosen = second === 0 ? [0] : [0, second];
      return {
        rule: spec('both', severity, { kind: 'rule', rule: 'not_null', argument }),
        test: {
          kind: 'rule',
          columns: chosen,
          types: chosen.map((n) => columns[n]?.column.type.base ?? 'text'),
        },
      };
    });
  const booleans = fields.flatMap(({ type }, n) => (type.base === 'boolean' ? [n] : []));
  const sql = booleans.map((field) =>
    severities.map((severity): CompiledRule => ({
      rule: spec('sql', severity, { kind: 'sql', sql: sqlText('flag') }),
      test: { kind: 'sql', field },
    })),
  );
  return fc.array(fc.oneof(one, one, pair, ...sql), { maxLength: 3 });
}
