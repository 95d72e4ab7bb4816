import { isCompletedLater } from '../contract/references.js';
import type { CompiledColumn, CompiledRule } from '../contract/compiled.js';
import type { RuleSpec } from '../contract/mapping.js';
import type { RuleDefinition } from '../contract/rule.js';
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
    const bound = columns.flatMap((index) => context.columns[index] ?? []);
    const types = bound.map(({ column }) => column.type.base);
    try {
      definition.make(rule.test.argument, types);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      context.problem('ETL-BIND-018', rule.at, error.message);
      return [];
    }
    if (definition.identity === undefined) return [{ rule, test: { kind: 'rule', columns, types } }];
    return bindUnique(context, rule, definition, bound) ?? [];
  });
}

/** A rule over all rows; null, and a problem, where one of its columns has no value to compare yet. */
function bindUnique(
  context: Context,
  rule: RuleSpec,
  definition: RuleDefinition,
  columns: readonly CompiledColumn[],
): readonly CompiledRule[] | null {
  if (rule.test.kind !== 'rule') return null;
  // An enum's labels are equal as texts.
  const types = columns.map(({ column: { type } }) => (type.labels.length > 0 ? 'text' : type.base));
  try {
    definition.identity?.(rule.test.argument, types);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    context.problem('ETL-BIND-018', rule.at, error.message);
    return null;
  }
  for (const { column, make, volatile } of columns) {
    const why =
      make.kind === 'identity' || volatile
        ? 'the engine makes it, another one for each row'
        : isCompletedLater(make)
          ? 'a second pass fills it, when all rows are loaded'
          : null;
    if (why === null) continue;
    context.problem(
      'ETL-BIND-018',
      rule.at,
      `"${column.name}" cannot be compared before the load: ${why}`,
      'leave it to a unique constraint of the target',
    );
    return null;
  }
  const indices = columns.map((column) => context.columns.indexOf(column));
  return [{ rule, test: { kind: 'unique', columns: indices, types } }];
}
