import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ProblemCode } from '../../engine/contract/codes.js';
import type { Shape } from '../../engine/mapping/shape.js';
import { schemaOf } from '../../engine/mapping/schemas.js';
import { MAPPING } from '../../engine/mapping/spec/mapping.js';
import { ETL } from '../../engine/mapping/spec/etl.js';
import { STEPS } from '../../engine/steps/index.js';
import { RULES } from '../../validators/index.js';
import { MISTAKES } from './mistakes.js';
import { BASE, STEPS as FEW_STEPS, RULES as FEW_RULES, byName } from './project.js';

const ROOT = path.join(import.meta.dirname, '../..');

function validator(
  name: string,
  registries: {
    steps: Parameters<typeof schemaOf>[1]['steps'];
    rules: Parameters<typeof schemaOf>[1]['rules'];
  },
): (data: unknown) => string | null {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
  const validate = ajv.compile(schemaOf(name, registries) as object);
  return (data) => (validate(data) ? null : ajv.errorsText(validate.errors));
}

const kindOf = (file: string): 'project' | 'test' | 'mapping' =>
  path.basename(file) === 'etl.yaml' ? 'project' : file.endsWith('.test.yaml') ? 'test' : 'mapping';

it('takes every file of the clinic, of the documentation and of the other examples', async () => {
  const takes = {
    mapping: validator('mapping', { steps: STEPS, rules: RULES }),
    test: validator('test', { steps: STEPS, rules: RULES }),
    project: validator('project', { steps: STEPS, rules: RULES }),
  };
  const found: Record<string, string | null> = {};
  for (const folder of ['mappings', 'docs/examples/first', 'tests/fixtures/chinook', 'tests/bench/project']) {
    for (const file of await readdir(path.join(ROOT, folder), { recursive: true })) {
      if (!file.endsWith('.yaml') || file === 'exceptions.yaml') continue;
      const data: unknown = parse(await readFile(path.join(ROOT, folder, file), 'utf8'));
      found[path.join(folder, file)] = takes[kindOf(file)](data);
    }
  }
  expect(Object.keys(found).length).toBeGreaterThan(20);
  expect(Object.entries(found).filter(([, error]) => error !== null)).toEqual([]);
});

/** What a schema can know. */
const KNOWN: readonly ProblemCode[] = [
  ...([
    'ETL-LANG-001',
    'ETL-LANG-002',
    'ETL-LANG-003',
    'ETL-LANG-004',
    'ETL-LANG-005',
    'ETL-LANG-006',
  ] as const),
  ...([
    'ETL-LANG-007',
    'ETL-STEP-001',
    'ETL-STEP-002',
    'ETL-STEP-004',
    'ETL-RULE-001',
    'ETL-RULE-002',
  ] as const),
  'ETL-RULE-003',
];

/** Mistakes of these codes that only the checker sees: what is missing hangs on another key, or on the steps' order. */
const UNSEEN = new Set([
  'a look-up table without key',
  'no target connection',
  'two ways to a password',
  'not carried out yet: a source without a key',
]);

it('refuses every mistake of the forms that a schema can know, and takes the files beside it', () => {
  const registries = { steps: byName(FEW_STEPS), rules: byName(FEW_RULES) };
  const takes = {
    mapping: validator('mapping', registries),
    test: validator('test', registries),
    project: validator('project', registries),
  };
  const seen = MISTAKES.filter(({ code, name }) => KNOWN.includes(code) && !UNSEEN.has(name));
  expect(seen.length).toBeGreaterThan(40);
  const wrong = seen.flatMap(({ name, files }) =>
    Object.entries(files).flatMap(([file, text]) => {
      if (!file.endsWith('.yaml')) return [];
      const kind = kindOf(file);
      const error = takes[kind](parse(text.replace(/[‹›]/g, '')));
      return (error !== null) === text.includes('‹') ? [] : [`${name}: ${error ?? 'was taken'}`];
    }),
  );
  expect(wrong).toEqual([]);
  expect(takes.mapping(parse(BASE['patients.yaml'] ?? ''))).toBeNull();
});

/** Every key with an example, by the way to it. */
function examples(
  shape: Shape,
  way: readonly string[] = [],
): readonly { way: string; inner: Shape; example: unknown }[] {
  if (shape.form === 'keys') {
    return Object.entries(shape.keys).flatMap(([name, { example, shape: inner }]) => [
      ...(example === undefined ? [] : [{ way: [...way, name].join('.'), inner, example }]),
      ...examples(inner, [...way, name]),
    ]);
  }
  if (shape.form === 'either') {
    return [shape.scalar, shape.list, shape.map].flatMap((each) =>
      each === undefined ? [] : examples(each, way),
    );
  }
  if (shape.form === 'list' || shape.form === 'one_or_more') return examples(shape.items, way);
  return shape.form === 'record' ? examples(shape.values, [...way, '*']) : [];
}

it('every example of the specification is of its own shape', async () => {
  const { jsonSchema } = await import('../../engine/mapping/json-schema.js');
  const ajv = new Ajv({ strict: false });
  const all = [...examples(ETL.shape), ...examples(MAPPING.shape)];
  expect(all.length).toBeGreaterThan(40);
  const wrong = all.flatMap(({ way, inner, example }, n) => {
    const schema = jsonSchema(inner, way, `urn:example:${String(n)}`, {
      steps: STEPS,
      rules: RULES,
      variables: true,
    });
    return ajv.validate(schema, parse(stringify(example))) ? [] : [`${way}: ${ajv.errorsText()}`];
  });
  expect(wrong).toEqual([]);
});
