import type { StepUse } from '../contract/mapping.js';
import type { Located } from '../contract/problem.js';
import { ArgumentError } from '../contract/step.js';
import type { StepDefinition } from '../contract/step.js';
import { suggest } from '../contract/suggest.js';
import type { Form, Reading } from './form.js';
import { didYouMean, errorAt, located } from './report.js';
import { toJson } from './scalars.js';
import { argumentMismatches, partAt } from './schema.js';
import { describeNode } from './tree.js';
import type { Node } from './tree.js';

/** One step: a bare word, or a map of one key, whose value is the step's argument. */
export const step: Form<StepUse> = {
  shape: { form: 'step' },
  read: (node, _place, reading) => {
    if (node.kind === 'scalar' && node.scalar.type === 'string') {
      return use(located(node.scalar.text, node.at), null, reading);
    }
    const [entry, second] = node.kind === 'map' ? node.entries : [];
    if (entry !== undefined && second === undefined) {
      const bare = entry.value.kind === 'scalar' && entry.value.raw === '';
      return use(located(entry.key, entry.keyAt), bare ? null : entry.value, reading);
    }
    const found = entry === undefined ? describeNode(node) : 'several keys';
    const message = `a step is a word or a map with one key, not ${found}`;
    const help = 'write each step as an item of its own: [trim, { truncate: 200 }]';
    reading.report(errorAt('ETL-STEP-004', second?.keyAt ?? node.at, message, { help }));
    return undefined;
  },
};

function use(name: Located<string>, argument: Node | null, reading: Reading): StepUse | undefined {
  const definition = reading.steps.get(name.value);
  if (definition === undefined) {
    if (reading.unrun !== null) return unrunStep(name, argument, reading.unrun);
    unknownStep(name, reading);
    return undefined;
  }
  if (!rightShape(definition, name, argument, reading)) return undefined;
  const json = argument === null ? null : toJson(argument);
  try {
    definition.make(json);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    const message = `the step "${name.value}" cannot use this argument: ${error.message}`;
    reading.report(errorAt('ETL-STEP-003', partAt(argument, error) ?? name.at, message));
    return undefined;
  }
  const { version } = definition;
  return { name: name.value, argument: json, ...(version === undefined ? {} : { version }), at: name.at };
}

/** A step of a module that was not run: nobody can say whether its argument is right. */
const unrunStep = ({ value, at }: Located<string>, argument: Node | null, version: string): StepUse => ({
  name: value,
  argument: argument === null ? null : toJson(argument),
  version,
  at,
});

function unknownStep({ value, at }: Located<string>, { steps, report }: Reading): void {
  const known = [...steps.keys()];
  const help = didYouMean(suggest(value, known), known);
  report(errorAt('ETL-STEP-001', at, `unknown step "${value}"`, { label: 'no step has this name', help }));
}

function rightShape(
  definition: StepDefinition,
  name: Located<string>,
  argument: Node | null,
  { report }: Reading,
): boolean {
  if (argument === null) {
    if (definition.argument === null || definition.argumentOptional === true) return true;
    report(
      errorAt('ETL-STEP-002', name.at, `the step "${name.value}" needs an argument`, example(definition)),
    );
    return false;
  }
  if (definition.argument === null) {
    const message = `the step "${name.value}" takes no argument`;
    report(errorAt('ETL-STEP-002', argument.at, message, { help: `write ${name.value} alone` }));
    return false;
  }
  const found = argumentMismatches(argument, definition, name.value);
  for (const { at, message, help } of found) report(errorAt('ETL-STEP-002', at, message, { help }));
  return found.length === 0;
}

function example({ name, examples }: StepDefinition): { help: string | null } {
  const argument = examples.find((each) => each.argument !== undefined)?.argument;
  return { help: argument === undefined ? null : `for example { ${name}: ${JSON.stringify(argument)} }` };
}
