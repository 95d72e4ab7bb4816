import type { CompiledRule } from '../contract/compiled.js';
import { ArgumentError } from '../contract/step.js';
import type { Context } from './context.js';

/** The rules with their columns and the columns' types. */
export function bindRules(context: Context): readonly CompiledRule[] {
  return context.sides.mapping.rules.flatMap((rule): readonly CompiledRule[] => {
    if (rule.test.kind === 'sql') {
      const described = context.sides.shape.expressions.get(rule.test.sql.value);
      if (described === undefined) return [];
      const field = context.fields.expression(rule.test.sql.value, described.type, rule.name);
      return [{ rule, test: { kind: 'sql', field } }];
    }
    const definition = context.registries.rules.get(rule.test.rule);
    if (definition === undefined) return [];
    const names = definition.columns(rule.test.argument);
    const columns = names.map((name) => context.columns.findIndex((c) => c.column.name === name));
    const absent = names[columns.indexOf(-1)];
    if (absent !== undefined) {
      const column = context.targetColumn({ value: absent, at: rule.at });
      if (column !== null) {
        context.problem(
          'ETL-BIND-017',
          rule.at,
          `the rule speaks of "${absent}", which the mapping does not fill`,
        );
      }
      return [];
    }
    const types = columns.map((index) => context.columns[index]?.column.type.base ?? 'text');
    try {
      definition.make(rule.test.argument, types);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      context.problem('ETL-BIND-018', rule.at, error.message);
      return [];
    }
    return [{ rule, test: { kind: 'rule', columns, types } }];
  });
}
