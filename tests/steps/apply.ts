import { Failure } from '../../engine/contract/step.js';
import type { Json } from '../../engine/contract/value.js';
import { STEPS } from '../../engine/steps/index.js';

/** The result of a step on one value, or `{ fails }` with the reason. */
export type Applied = string | null | { readonly fails: string };

/** Makes a step on single values ready to be applied. */
export function prepare(name: string, argument: Json = null): (value: string) => Applied {
  const step = STEPS.get(name);
  if (step?.kind !== 'value') throw new Error(`no step on one value is named ${name}`);
  const run = step.make(argument);
  return (value) => {
    const result = run(value);
    return result instanceof Failure ? { fails: result.reason } : result;
  };
}

export function apply(name: string, argument: Json, value: string): Applied {
  return prepare(name, argument)(value);
}

/** As {@link apply}, for a step that must succeed with text. */
export function textOf(name: string, argument: Json, value: string): string {
  const result = apply(name, argument, value);
  if (typeof result === 'string') return result;
  throw new Error(`${name} gave ${JSON.stringify(result)}`);
}
