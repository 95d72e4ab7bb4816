import type { BaseType, Json } from '../../engine/contract/value.js';
import { RULES } from '../../validators/index.js';

/** Applies a rule to the values of its columns: the reason, or null where it holds. */
export function check(
  rule: string,
  argument: Json,
  types: readonly BaseType[],
  values: readonly (string | null)[],
): string | null {
  const definition = RULES.get(rule);
  if (definition === undefined) throw new Error(`no rule is named ${rule}`);
  return definition.make(argument, types)(values);
}
