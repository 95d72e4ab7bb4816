import { describe, expect, it } from 'vitest';
import { Failure, type StepDefinition, type StepExample } from '../../engine/contract/step.js';
import { STEPS } from '../../engine/steps/index.js';

const STEPS_NOW =
  'trim lower upper title_case collapse_whitespace strip_html decode_html slug remove_nul empty_to_null ' +
  'zero_date_to_null json_parse email truncate substring pad replace regex_replace split join concat null_if coalesce boolean ' +
  'number round scale parse_date format_date timezone epoch json_get hash uuid5 uuid3 phone';

/** Applies a step as the engine does: null passes a step of kind `value`. */
function run(step: StepDefinition, { argument = null, given }: StepExample): StepExample['gives'] {
  const several = given === null || typeof given === 'string' ? [given] : given;
  const value = several[0] ?? null;
  const result =
    step.kind === 'several'
      ? step.make(argument)(several)
      : step.kind === 'nulls'
        ? step.make(argument)(value)
        : value === null
          ? null
          : step.make(argument)(value);
  return result instanceof Failure ? { fails: result.reason } : result;
}

it('lists every step of the language', () => {
  expect([...STEPS.keys()].join(' ')).toBe(STEPS_NOW);
});

describe.each([...STEPS.values()])('$name', (step) => {
  it('has a sentence and at least three examples for the reference', () => {
    expect(step.summary).toMatch(/^[A-Z].*\.$/);
    expect(step.examples.length).toBeGreaterThanOrEqual(3);
    expect(step.argument === null).toBe(step.examples.every(({ argument }) => argument === undefined));
  });

  it.each(step.examples)('$argument: $given gives $gives', (example) => {
    expect(run(step, example)).toEqual(example.gives);
  });
});
