import { expect, test } from 'vitest';
import type { Json } from '../../engine/contract/value.js';
import { loadProject } from '../../engine/mapping/index.js';
import { STEPS } from '../../engine/steps/index.js';
import { RULES } from '../../validators/index.js';
import { BASE, write } from './project.js';

const CHECKED = [
  ...['type', 'enum', 'const', 'properties', 'required', 'additionalProperties', 'items', 'minItems'],
  ...['maxItems', 'minimum', 'maximum', 'minLength', 'maxLength', 'oneOf', 'anyOf', 'title', 'description'],
];

function isObject(json: Json | undefined): json is Readonly<Record<string, Json>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** The keywords of a schema and of the schemas in it. */
function keywords(schema: Json): string[] {
  if (Array.isArray(schema)) return schema.flatMap((each: Json) => keywords(each));
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === 'properties' && isObject(value)) return [key, ...Object.values(value).flatMap(keywords)];
    return [
      key,
      ...(['items', 'oneOf', 'anyOf', 'additionalProperties'].includes(key) ? keywords(value) : []),
    ];
  });
}

const definitions = [...STEPS.values(), ...RULES.values()];

test.each(definitions)('the checker knows every keyword of $name', ({ argument }) => {
  expect(keywords(argument).filter((keyword) => !CHECKED.includes(keyword))).toEqual([]);
});

test.each([...STEPS.values()])(
  'the examples of $name can be written in a mapping',
  async ({ name, examples }) => {
    const used = examples.map(({ argument }) => (argument === undefined ? name : { [name]: argument }));
    const column = JSON.stringify({ from: ['a', 'b'], steps: [{ join: ' ' }, ...used] });
    const text = `source: { table: t, key: id }\ntarget: { table: t, key: k }\ncolumns: { k: id, a: ${column} }\n`;
    const cwd = write({ ...BASE, 't.yaml': text });
    const { problems } = await loadProject('mappings', {
      steps: STEPS,
      rules: RULES,
      env: {},
      embedded: false,
      cwd,
    });
    expect(problems).toEqual([]);
  },
);
