import type { ArgumentMistake } from './step.js';
import type { BaseType, Json } from './value.js';

/**
 * Decides on the mapped values of the rule's columns, in the order of `columns`; gives the reason why
 * the row fails, or null where it holds. `not_null` apart, a null value satisfies a rule, as in SQL's CHECK.
 */
export type RuleFunction = (values: readonly (string | null)[]) => string | null;

/** A row rule, decided before the row is loaded. `sql` rules are evaluated by the source and have no `make`. */
export interface RuleDefinition {
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  /** JSON Schema (draft 2020-12 subset) of the argument. */
  readonly argument: Json;
  /** As with steps: see StepDefinition. */
  readonly shape?: (argument: Json) => readonly ArgumentMistake[];
  readonly version?: string;
  /** The target columns that the argument names, in the order in which `make`'s function wants them. */
  readonly columns: (argument: Json) => readonly string[];
  /** What can be told without a database. Throws ArgumentError where the argument has no meaning. */
  readonly check?: (argument: Json) => void;
  /**
   * Of a rule that speaks of all rows of the mapping at once: the one text of all values that are equal, null where
   * nothing equals them. Throws ArgumentError for types whose values cannot be told apart.
   */
  readonly identity?: (
    argument: Json,
    types: readonly BaseType[],
  ) => (values: readonly (string | null)[]) => string | null;
  /** `types` are those of the columns. Throws ArgumentError where a bound is no value of the column's type. */
  readonly make: (argument: Json, types: readonly BaseType[]) => RuleFunction;
}
