import type { BaseType, Json } from './value.js';

/** A step or rule that could not do its work on a value: a bad row is a value, not an exception. */
export class Failure {
  /** Why, in a few words, for the reject: `"31.02.2020" is no date of the form DD.MM.YYYY`. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * Works on one value: PostgreSQL's text form of it, booleans as `true` and `false`.
 * Null passes a step untouched unless the step is declared with `nulls` or `several`.
 */
export type StepFunction = (value: string) => string | null | Failure;
export type NullStepFunction = (value: string | null) => string | null | Failure;
export type SeveralStepFunction = (values: readonly (string | null)[]) => string | null | Failure;

export interface StepExample {
  readonly argument?: Json;
  /** One value, or several for a step that works on several columns. */
  readonly given: string | null | readonly (string | null)[];
  /** The result, or the reason of the failure. */
  readonly gives: string | null | { readonly fails: string };
}

/** Bytes that a {@link DirectStep} may write. */
export const DIRECT_BYTES = 64;

/**
 * The same work on a value's bytes, as COPY's text format has them, for the forms that are common: no strings are
 * made. Writes at `at`, {@link DIRECT_BYTES} at the most, and gives the place behind, or -1 where the value must go
 * through the step itself.
 */
export type DirectStep = (from: Uint8Array, start: number, end: number, to: Uint8Array, at: number) => number;

/** Where an argument differs from its schema: keys and indices that lead to it, and a predicate: `must be string`. */
export interface ArgumentMistake {
  readonly path: readonly string[];
  readonly message: string;
}

interface StepDeclaration {
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  /** JSON Schema (draft 2020-12 subset) of the argument; `null` for a step without one (`trim`). */
  readonly argument: Json;
  /** Checks an argument whose schema goes beyond that subset: a plugin's. */
  readonly shape?: (argument: Json) => readonly ArgumentMistake[];
  /** Digest of the module that a project's own step comes from; the engine's steps have none. */
  readonly version?: string;
  /** A step whose argument may be left out (`number`, `boolean`): usable bare and with an argument. */
  readonly argumentOptional?: boolean;
  /** The types of values that it takes; left out: any. */
  readonly accepts?: readonly BaseType[];
  /** The type of what it gives; `same` keeps the type that came in. */
  readonly output: BaseType | 'same' | ((argument: Json) => BaseType | 'same');
  readonly examples: readonly StepExample[];
}

/** A definition's `make` throws {@link ArgumentError} where the argument has the right shape but no meaning. */
export type StepDefinition = StepDeclaration &
  (
    | {
        readonly kind: 'value';
        readonly make: (argument: Json) => StepFunction;
        readonly direct?: (argument: Json) => DirectStep;
      }
    | { readonly kind: 'nulls'; readonly make: (argument: Json) => NullStepFunction }
    | { readonly kind: 'several'; readonly make: (argument: Json) => SeveralStepFunction }
  );

/** The argument of a step or rule cannot be used: `match: "("` is no regular expression. */
export class ArgumentError extends Error {
  constructor(
    message: string,
    /** The key of the argument that is at fault; null for the argument as a whole. */
    readonly part: string | null = null,
  ) {
    super(message);
    this.name = 'ArgumentError';
  }
}
