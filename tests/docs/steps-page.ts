import type { StepDefinition, StepExample } from '../../engine/contract/step.js';
import { STEPS } from '../../engine/steps/index.js';
import { argumentText } from './argument.js';
import { code, page, table, yamlLine } from './markdown.js';

/** Every step with its argument and its examples, which the step tests run. */
export function stepsPage(): string {
  const steps = [...STEPS.values()];
  return page([
    '# Steps',
    'A step works on one value, in the order in which `steps:` lists them. Null passes through untouched unless the ' +
      'step says otherwise. A step that cannot do its work rejects the row, with column, step and value: it never ' +
      'guesses. How steps stand in a column: [mapping-language.md](mapping-language.md#steps).',
    "A project's own steps: [plugins.md](plugins.md). What each step makes of null, empty text, `0`, `false`, zero dates, " +
      'combining characters, NUL, lone surrogates and very long text is pinned in `tests/steps/semantics.txt`. Characters ' +
      'are code points, as in PostgreSQL: a letter and its accent, or an emoji and its colour, are two. A NUL or a lone ' +
      'surrogate passes a step untouched and rejects the row when it is written (rule `encoding`); `hash`, `uuid5` and ' +
      '`uuid3` reject lone surrogates themselves.',
    'In the examples ␣ is a space at an end, ⏎ a line break, ⇥ a tab, and [U+00A0] a sign that cannot be seen.',
    steps.map(({ name }) => `[${name}](#${name})`).join(' · '),
    ...steps.flatMap(stepText),
  ]);
}

function stepText(step: StepDefinition): readonly string[] {
  const { name, summary, argument, argumentOptional, accepts, output, examples } = step;
  const notes = [
    step.kind === 'several' ? 'Works on all columns of `from: [a, b]`, and so stands first.' : '',
    argumentOptional === true ? 'The argument may be left out.' : '',
    accepts === undefined ? '' : `Takes ${accepts.filter((type) => type !== 'other').join(', ')}.`,
    typeof output === 'string' && output !== 'same' ? `Gives ${output}.` : '',
  ];
  return [
    `## ${name}`,
    [summary, ...notes].filter((note) => note !== '').join(' '),
    ...argumentText(argument),
    table(
      ['step', 'given', 'gives'],
      examples.map((example) => exampleRow(name, example)),
    ),
  ];
}

function exampleRow(name: string, { argument, given, gives }: StepExample): readonly string[] {
  const step = argument === undefined ? name : yamlLine({ [name]: argument });
  return [
    code(step),
    valueText(given),
    typeof gives === 'object' && gives !== null ? `rejects: ${gives.fails}` : valueText(gives),
  ];
}

function valueText(value: StepExample['given']): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value === '' ? 'empty text' : code(value);
  return value.map(valueText).join(', ');
}
