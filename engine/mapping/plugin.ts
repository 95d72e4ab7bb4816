import type { RuleDefinition } from '../contract/rule.js';
import { ArgumentError, Failure } from '../contract/step.js';
import type { ArgumentMistake, StepDefinition, StepExample } from '../contract/step.js';
import type { BaseType, Json } from '../contract/value.js';

/** Checks arguments against a JSON Schema. @throws Error for a schema that is none */
export type SchemaCompiler = (schema: Json) => (argument: Json) => readonly ArgumentMistake[];

/** What makes a declaration unusable, in a sentence that begins with what it is: `the step "x" has no summary`. */
export class PluginMistake extends ArgumentError {}

/** A step or rule of a module, once its declaration has been looked at. */
export interface PluginPart<T> {
  readonly definition: T;
  /** Examples that do not hold, in words. */
  readonly wrong: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const TYPES: ReadonlySet<string> = new Set<BaseType>([
  ...(['text', 'integer', 'numeric', 'float', 'boolean', 'date', 'time'] as const),
  ...(['timestamp', 'timestamptz', 'json', 'uuid', 'bytea', 'other'] as const),
]);

const STEP_KEYS = [
  'summary',
  'argument',
  'argumentOptional',
  'accepts',
  'output',
  'nulls',
  'make',
  'examples',
];
const RULE_KEYS = ['summary', 'argument', 'columns', 'make', 'examples'];

/** A step as the registry holds it. @throws PluginMistake */
export function pluginStep(
  name: string,
  declared: unknown,
  compile: SchemaCompiler,
  version: string,
): PluginPart<StepDefinition> {
  const what = `the step "${name}"`;
  const fields = fieldsOf(what, declared, STEP_KEYS);
  const shape = fields['argument'] === undefined ? null : shapeOf(what, fields['argument'], compile);
  const optional = fields['argumentOptional'] === true;
  if (optional && shape === null) throw new PluginMistake(`${what} has argumentOptional and no argument`);
  const nulls = fields['nulls'] === true;
  const make = made(what, functionOf(what, fields, 'make'), nulls);
  const accepts = typesOf(what, fields['accepts']);
  const shared = {
    name,
    summary: textOf(what, fields, 'summary'),
    argument: shape === null ? null : (fields['argument'] as Json),
    ...(shape === null ? {} : { shape }),
    ...(optional ? { argumentOptional: true } : {}),
    ...(accepts === null ? {} : { accepts }),
    output: outputOf(what, fields['output']),
    version,
  };
  const examples = examplesOf(what, fields).map(stepExample(what));
  const definition: StepDefinition = nulls
    ? { ...shared, kind: 'nulls', make, examples }
    : { ...shared, kind: 'value', make, examples };
  const wrong = examples.flatMap((example, n) => {
    const run = make(example.argument ?? null);
    const result = run(example.given as string | null);
    return differs(`${what}: example ${String(n + 1)}`, result, example.gives);
  });
  return { definition, wrong };
}

/** A rule as the registry holds it. @throws PluginMistake */
export function pluginRule(
  name: string,
  declared: unknown,
  compile: SchemaCompiler,
  version: string,
): PluginPart<RuleDefinition> {
  const what = `the rule "${name}"`;
  const fields = fieldsOf(what, declared, RULE_KEYS);
  const shape = shapeOf(what, fields['argument'] ?? {}, compile);
  const columns = functionOf(what, fields, 'columns');
  const make = functionOf(what, fields, 'make');
  const definition: RuleDefinition = {
    name,
    summary: textOf(what, fields, 'summary'),
    argument: (fields['argument'] ?? {}) as Json,
    shape,
    version,
    check: (argument) => {
      const found = asking(what, () => columns(argument));
      const isList =
        Array.isArray(found) && found.length > 0 && found.every((one) => typeof one === 'string');
      if (!isList) throw new ArgumentError(`${what} names no columns for this argument`);
    },
    columns: (argument) => asking(what, () => columns(argument)) as readonly string[],
    make: (argument, types) => {
      const decide = functionIn(
        what,
        asking(what, () => make(argument, types)),
      );
      return (values) => {
        const result = ran(() => answer(decide([...values])));
        return result instanceof Failure ? result.reason : result;
      };
    },
  };
  const wrong = examplesOf(what, fields).flatMap((example, n) => {
    const where = `${what}: example ${String(n + 1)}`;
    const { given, gives } = example;
    if (!Array.isArray(given)) throw new PluginMistake(`${where}: given must list the columns' values`);
    const argument = (example['argument'] ?? null) as Json;
    const decide = asking(what, () =>
      definition.make(
        argument,
        given.map(() => 'text' as const),
      ),
    );
    return differs(where, decide(given as (string | null)[]), gives as string | null);
  });
  return { definition, wrong };
}

/** Whatever project code throws is a reason, and never an exception of the engine's. */
function ran(work: () => string | null | Failure): string | null | Failure {
  try {
    return work();
  } catch (error) {
    return new Failure(messageOf(error));
  }
}

/** Project code that is asked before the first row: what it throws is said of the argument. */
function asking<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new ArgumentError(`${what} says: ${messageOf(error)}`);
  }
}

const MOST = 300;

export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : typeof error === 'string' ? error : '';
  return text === '' ? 'it failed without a word' : Array.from(text).slice(0, MOST).join('');
}

type Made = (argument: Json) => (value: string | null) => string | null | Failure;

function made(what: string, make: (...values: unknown[]) => unknown, nulls: boolean): Made {
  return (argument) => {
    const run = functionIn(
      what,
      asking(what, () => make(argument)),
    );
    return (value) => (value === null && !nulls ? null : ran(() => answer(run(value))));
  };
}

/** What project code has returned, as a value on its way; a number only where it is exact. */
function answer(result: unknown): string | null | Failure {
  if (result === null || typeof result === 'string') return result;
  if (typeof result === 'boolean' || typeof result === 'bigint') return String(result);
  if (typeof result === 'number' && Number.isSafeInteger(result)) return String(result);
  if (typeof result === 'object') {
    if ('then' in result) return new Failure('it gave a promise: a step or rule must not be async');
    const { reject } = result as { readonly reject?: unknown };
    if (typeof reject === 'string' && reject !== '') return new Failure(reject);
  }
  const found =
    typeof result === 'number' ? `the number ${String(result)}` : `a value of type ${typeof result}`;
  return new Failure(`it gave ${found}, which is neither text, null, a whole number nor { reject: "why" }`);
}

function fieldsOf(what: string, declared: unknown, known: readonly string[]): Fields {
  if (typeof declared !== 'object' || declared === null) throw new PluginMistake(`${what} is no object`);
  const other = Object.keys(declared).find((key) => !known.includes(key));
  if (other !== undefined) throw new PluginMistake(`${what} has the unknown key "${other}"`);
  return declared as Fields;
}

function textOf(what: string, fields: Fields, key: string): string {
  const text = fields[key];
  if (typeof text === 'string' && text.trim() !== '') return text;
  throw new PluginMistake(`${what} has no ${key}`);
}

function functionOf(what: string, fields: Fields, key: string): (...values: unknown[]) => unknown {
  if (fields[key] === undefined) throw new PluginMistake(`${what} has no ${key}`);
  return functionIn(what, fields[key]);
}

function functionIn(what: string, value: unknown): (...values: unknown[]) => unknown {
  if (typeof value !== 'function') throw new PluginMistake(`${what}: make must be a function that gives one`);
  if (value.constructor.name !== 'Function') {
    throw new PluginMistake(`${what} is made of an async function or a generator; it must answer at once`);
  }
  return value as (...values: unknown[]) => unknown;
}

function shapeOf(what: string, schema: unknown, compile: SchemaCompiler): ReturnType<SchemaCompiler> {
  try {
    return compile(schema as Json);
  } catch (error) {
    throw new PluginMistake(`${what} has an argument that is no JSON Schema: ${messageOf(error)}`);
  }
}

function typesOf(what: string, value: unknown): readonly BaseType[] | null {
  if (value === undefined) return null;
  if (Array.isArray(value) && value.every((type) => TYPES.has(type as string))) return value as BaseType[];
  throw new PluginMistake(`${what}: accepts must list types out of ${[...TYPES].join(', ')}`);
}

function outputOf(what: string, value: unknown): BaseType | 'same' {
  if (value === undefined) return 'text';
  if (value === 'same' || TYPES.has(value as string)) return value as BaseType | 'same';
  throw new PluginMistake(`${what}: output must be same or one of ${[...TYPES].join(', ')}`);
}

function examplesOf(what: string, fields: Fields): readonly Fields[] {
  const { examples } = fields;
  if (Array.isArray(examples) && examples.length > 0) {
    return examples.map((each, n) =>
      fieldsOf(`${what}: example ${String(n + 1)}`, each, ['argument', 'given', 'gives', 'fails']),
    );
  }
  throw new PluginMistake(`${what} has no examples: one at least shows that it works`);
}

const stepExample =
  (what: string) =>
  ({ argument, given, gives, fails }: Fields, n: number): StepExample => {
    const isValue = (value: unknown): value is string | null => value === null || typeof value === 'string';
    const result = typeof fails === 'string' ? { fails } : gives;
    if (!isValue(given) || (typeof fails !== 'string' && !isValue(gives))) {
      throw new PluginMistake(
        `${what}: example ${String(n + 1)} needs given and gives, texts or null, or fails`,
      );
    }
    return {
      ...(argument === undefined ? {} : { argument: argument as Json }),
      given,
      gives: result as StepExample['gives'],
    };
  };

function differs(
  where: string,
  found: string | null | Failure,
  wanted: StepExample['gives'],
): readonly string[] {
  const words = (value: StepExample['gives'] | Failure): string =>
    value instanceof Failure
      ? `fails: ${value.reason}`
      : typeof value === 'object' && value !== null
        ? `fails: ${value.fails}`
        : JSON.stringify(value);
  return words(found) === words(wanted) ? [] : [`${where}: it gives ${words(found)}, not ${words(wanted)}`];
}
