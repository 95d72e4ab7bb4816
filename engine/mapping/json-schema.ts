import type { RuleDefinition } from '../contract/rule.js';
import type { StepDefinition } from '../contract/step.js';
import type { Json } from '../contract/value.js';
import { BESIDE_RULE, SQL_RULE } from './rules.js';
import type { KeyDoc, KeysShape, Limits, Shape } from './shape.js';

type Schema = Readonly<Record<string, Json>>;

/** What a schema is made of beside the shape of the file. */
export interface SchemaParts {
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly rules: ReadonlyMap<string, RuleDefinition>;
  /** The file takes `${NAME}` in place of any value. */
  readonly variables: boolean;
}

/**
 * The JSON Schema (draft-07, which editors know) of files of one shape. It says what a schema can know: keys, words,
 * forms. What needs the whole project or the SQL is left to `etl validate`; whatever that takes, the schema takes.
 */
export function jsonSchema(shape: Shape, title: string, id: string, parts: SchemaParts): Schema {
  const writer = new Writer(parts);
  const root = writer.schema(shape);
  const head = { $schema: 'http://json-schema.org/draft-07/schema#', $id: id, title };
  return { ...head, ...root, definitions: Object.fromEntries(writer.definitions) };
}

const VARIABLE: Schema = { type: 'string', pattern: '\\$\\{.*\\}' };

class Writer {
  readonly definitions = new Map<string, Json>();
  readonly #parts: SchemaParts;

  constructor(parts: SchemaParts) {
    this.#parts = parts;
  }

  schema(shape: Shape): Schema {
    switch (shape.form) {
      case 'text':
      case 'sql':
        return { type: 'string', pattern: '\\S' };
      case 'integer':
        return this.#variable({ type: 'integer', minimum: shape.minimum });
      case 'scalar':
        return { type: ['string', 'number', 'boolean', 'null'] };
      case 'threshold':
        return this.#variable(
          any([
            { type: 'integer', minimum: 0 },
            { type: 'string', pattern: '^\\d+(\\.\\d+)? ?%$' },
          ]),
        );
      case 'boolean':
        return this.#variable({ type: 'boolean' });
      case 'duration':
        return this.#variable({ type: 'string', pattern: '^\\d{1,6} ?[smhd]$' });
      case 'word':
        return this.#words(shape);
      case 'list':
        return { type: 'array', items: this.schema(shape.items) };
      case 'one_or_more': {
        const items = this.schema(shape.items);
        return any([items, { type: 'array', minItems: 1, items }]);
      }
      case 'record':
        return { type: 'object', additionalProperties: this.schema(shape.values) };
      case 'keys':
        return this.#keys(shape);
      case 'either':
        return any(
          [shape.scalar, shape.list, shape.map].flatMap((each) =>
            each === undefined ? [] : [this.schema(each)],
          ),
        );
      case 'step':
        return this.#defined('step', () => steps(this.#parts.steps));
      case 'rule':
        return this.#defined('rule', () => this.#rules());
      case 'named':
        return this.#defined(shape.name, () => this.schema(shape.shape()));
    }
  }

  #variable(schema: Schema): Schema {
    return this.#parts.variables ? any([schema, VARIABLE]) : schema;
  }

  #words({ words }: Extract<Shape, { form: 'word' }>): Schema {
    const known = Object.entries(words);
    const names = known.flatMap(([word]): Json[] => (word === 'null' ? ['null', null] : [word]));
    const description = known.map(([word, { doc }]) => `${word}: ${doc}`).join('\n');
    return this.#variable({ enum: names, description });
  }

  #keys({ keys, limits }: KeysShape): Schema {
    const entries = Object.entries(keys);
    const properties = entries.map(([name, key]): [string, Json] => [name, this.#key(key)]);
    const required = entries.flatMap(([name, key]) => (key.required === true ? [name] : []));
    const all = limitSchemas(limits, new Set(entries.map(([name]) => name)));
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      additionalProperties: false,
      ...(required.length === 0 ? {} : { required }),
      ...(all.length === 0 ? {} : { allOf: all }),
    };
  }

  #key({ doc, default: otherwise, example, shape }: KeyDoc): Schema {
    const schema = this.schema(shape);
    const words = typeof schema['description'] === 'string' ? [schema['description']] : [];
    const left = otherwise === undefined ? [] : [`Default: ${otherwise}.`];
    const description = [doc, ...words, ...left].join('\n');
    const examples = example === undefined ? {} : { examples: [example] };
    // Beside a $ref draft-07 reads nothing.
    const own = '$ref' in schema ? { allOf: [schema] } : schema;
    return { ...own, description, ...examples };
  }

  /** A map with exactly one rule, and what may stand beside it. */
  #rules(): Schema {
    const all = [...this.#parts.rules.values()];
    const registered = all.map((rule): [string, Json] => [
      rule.name,
      { ...argumentOf(rule.argument), description: rule.summary },
    ]);
    const own = Object.entries({ sql: SQL_RULE, ...BESIDE_RULE }).map(
      ([name, { form, ...doc }]): [string, Json] => [name, this.#key({ ...doc, shape: form.shape })],
    );
    const names = [...all.map(({ name }) => name), 'sql'];
    const properties = Object.fromEntries([...registered, ...own]);
    return {
      type: 'object',
      properties,
      additionalProperties: false,
      oneOf: names.map((name) => ({ required: [name] })),
    };
  }

  #defined(name: string, make: () => Schema): Schema {
    if (!this.definitions.has(name)) {
      this.definitions.set(name, {});
      this.definitions.set(name, make());
    }
    return { $ref: `#/definitions/${name}` };
  }
}

function any(schemas: readonly Schema[]): Schema {
  const [only, second] = schemas;
  return only !== undefined && second === undefined ? only : { anyOf: schemas };
}

/** `known`: the keys that the schema has; a limit on one that is not carried out yet says nothing. */
function limitSchemas(limits: Limits, known: ReadonlySet<string>): readonly Schema[] {
  const has = (name: string): Schema => ({ required: [name] });
  const alone = (group: readonly string[]) => group.filter((name) => known.has(name)).map(has);
  return [
    ...(limits.exactlyOne ?? []).map((group) => ({ oneOf: alone(group) })),
    ...(limits.atMostOne ?? []).map((group) => ({
      oneOf: [...alone(group), { not: { anyOf: alone(group) } }],
    })),
    ...Object.entries(limits.needs ?? {})
      .filter(([name]) => known.has(name))
      .map(([name, others]) => ({ if: has(name), then: { anyOf: alone(others) } })),
  ];
}

/** A word, or a map with one key. */
function steps(definitions: ReadonlyMap<string, StepDefinition>): Schema {
  const all = [...definitions.values()];
  const bare = all.filter(({ argument, argumentOptional }) => argument === null || argumentOptional === true);
  const properties = all.map((step): [string, Json] => [
    step.name,
    { ...argumentOf(step.argument), description: step.summary, examples: examplesOf(step) },
  ]);
  const words = { enum: bare.map(({ name }) => name), description: summaries(bare) };
  return {
    anyOf: [words, { ...ONE_KEY, properties: Object.fromEntries(properties) }],
  };
}

const ONE_KEY: Schema = { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: false };

const summaries = (all: readonly StepDefinition[]): string =>
  all.map(({ name, summary }) => `${name}: ${summary}`).join('\n');

/** A step without an argument may be written with nothing behind its colon. */
function argumentOf(argument: Json): Schema {
  const isSchema = typeof argument === 'object' && argument !== null && !Array.isArray(argument);
  return isSchema ? (argument as Schema) : { type: 'null' };
}

const examplesOf = ({ examples }: StepDefinition): readonly Json[] =>
  examples.flatMap(({ argument }) => (argument === undefined ? [] : [argument])).slice(0, 3);
