import type {
  BoundOrigin,
  Check,
  CompiledColumn,
  CompiledMapping,
  CompiledRule,
} from '../../engine/contract/compiled.js';
import type { ColumnSpec, StepUse } from '../../engine/contract/mapping.js';
import type { RuleDefinition } from '../../engine/contract/rule.js';
import { Failure, type StepDefinition } from '../../engine/contract/step.js';
import type { BaseType, Scalar } from '../../engine/contract/value.js';
import { failsCheck, sameKey, asCompared } from './oracle-values.js';
import { jsonOf } from './oracle-json.js';

/** A source row: PostgreSQL's texts, in the order of the fields. */
export type SourceRow = readonly (string | null)[];

/** An entry of a table of values or of a key map: the key's texts and what it gives. */
export interface Entry {
  readonly keys: readonly Scalar[];
  readonly value: string | null;
}

export interface OracleInputs {
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly rules: ReadonlyMap<string, RuleDefinition>;
  /** `run`, `mapping` and `startedAt` of the run. */
  readonly facts: { readonly run: string; readonly mapping: string; readonly startedAt: string };
  /** By target column: what its look-up or its reference finds. */
  readonly tables: ReadonlyMap<string, readonly Entry[]>;
}

export type Outcome = 'resolved' | 'null' | 'defaulted' | 'missing' | 'pending';

/** Why a row is not loaded. */
export class Refused {
  constructor(
    readonly column: string | null,
    readonly rule: string,
    readonly severity: 'reject' | 'fail' = 'reject',
  ) {}
}

export interface OracleResult {
  /** The target row, or why there is none. */
  readonly result: readonly (string | null)[] | Refused;
  /** Names of the rules of severity `warn` that do not hold. */
  readonly warnings: readonly string[];
  /** What became of each reference up to the column that refused, by column. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

/**
 * What the language page says that a mapping makes of one row: origin → steps → resolver → default, then
 * the target's limits, then the rules. Slow and obvious; knows nothing of the engine's row program.
 */
export function interpret(compiled: CompiledMapping, inputs: OracleInputs, row: SourceRow): OracleResult {
  const outcomes = new Map<string, Outcome>();
  const values: (string | null)[] = [];
  for (const column of compiled.columns) {
    const value = columnValue(compiled, inputs, row, column, outcomes);
    if (value instanceof Refused) return { result: value, warnings: [], outcomes };
    values.push(value);
  }
  const warnings: string[] = [];
  for (const rule of compiled.rules) {
    const blamed = breaks(compiled, inputs, row, values, rule);
    if (blamed === null) continue;
    const { name, severity } = rule.rule;
    if (severity !== 'warn')
      return { result: new Refused(blamed.column, name, severity), warnings, outcomes };
    warnings.push(name);
  }
  return { result: values, warnings, outcomes };
}

/** Whether a rule does not hold: the column to blame, if it is one. */
function breaks(
  { columns }: CompiledMapping,
  { rules }: OracleInputs,
  row: SourceRow,
  values: SourceRow,
  { rule, test }: CompiledRule,
): { readonly column: string | null } | null {
  // As a CHECK of SQL: what is unknown holds.
  if (test.kind === 'sql') return row[test.field] === 'f' ? { column: null } : null;
  if (rule.test.kind !== 'rule') throw new Error('the rule and its test differ');
  const given = test.columns.map((index) => {
    const type = columns[index]?.column.type;
    const value = values[index] ?? null;
    return value === null || type === undefined ? value : asCompared(value, type);
  });
  const run = rules.get(rule.test.rule)?.make(rule.test.argument, test.types);
  if (run === undefined) throw new Error(`no rule is named ${rule.test.rule}`);
  if (run(given) === null) return null;
  const names = test.columns.map((index) => columns[index]?.column.name ?? '');
  const [only = null] = names;
  if (names.length === 1) return { column: only };
  return { column: rule.test.rule === 'not_null' ? (names[given.indexOf(null)] ?? null) : null };
}

function columnValue(
  compiled: CompiledMapping,
  inputs: OracleInputs,
  row: SourceRow,
  { column, make }: CompiledColumn,
  outcomes: Map<string, Outcome>,
): string | null | Refused {
  const { name } = column;
  if (make.kind === 'identity') throw new Error('the oracle makes no ids');
  const made =
    make.kind === 'bytes'
      ? (row[make.field] ?? null)
      : resolve(compiled, inputs, row, make.spec, make, name, outcomes);
  if (made instanceof Refused) return made;
  const pending = outcomes.get(name) === 'pending';
  if (made === null && !pending && make.checks.some((check) => check.kind === 'not_null')) {
    return new Refused(name, 'not_null');
  }
  if (made === null) return null;
  return limited(made, make.checks, name);
}

/** A value under the limits of its column. */
function limited(value: string, checks: readonly Check[], column: string): string | Refused {
  for (const check of checks) {
    const rule = failsCheck(check, value);
    if (rule !== null) return new Refused(column, rule);
  }
  return value.includes('\0') || !value.isWellFormed() ? new Refused(column, 'encoding') : value;
}

type ValueMake = Extract<CompiledColumn['make'], { kind: 'value' }>;

/** The values of an origin: several where the mapping names several columns. */
function originValues(
  compiled: CompiledMapping,
  { facts }: OracleInputs,
  row: SourceRow,
  origin: BoundOrigin,
): readonly (string | null)[] {
  const { fields, key } = compiled;
  const field = (index: number): string | null => {
    const value = row[index] ?? null;
    if (fields[index]?.type.base !== 'boolean') return value;
    return value === 't' ? 'true' : value === 'f' ? 'false' : value;
  };
  switch (origin.kind) {
    case 'fields':
      return origin.fields.map(field);
    case 'constant':
      return [origin.text];
    case 'generate':
      if (origin.what !== 'now') throw new Error('the oracle makes no uuids');
      return [facts.startedAt];
    case 'run':
      return [origin.what === 'id' ? facts.run : origin.what === 'mapping' ? facts.mapping : facts.startedAt];
    case 'key':
      return key.length === 1 ? key.map(field) : [JSON.stringify(key.map((index) => row[index] ?? null))];
    case 'object':
    case 'array':
    case 'row':
      return [jsonOf(compiled, facts, row, origin)];
  }
}

type AnyStep = (values: readonly (string | null)[]) => string | null | Failure;
const made = new Map<StepUse, AnyStep>();

/** A step as a function of several values, made once: some take long to make. */
function stepOf({ steps }: OracleInputs, use: StepUse): AnyStep {
  const known = made.get(use);
  if (known !== undefined) return known;
  const step = steps.get(use.name);
  if (step === undefined) throw new Error(`no step is named ${use.name}`);
  const run = functionOf(step, use.argument);
  made.set(use, run);
  return run;
}

function functionOf(step: StepDefinition, argument: StepUse['argument']): AnyStep {
  if (step.kind === 'several') return step.make(argument);
  if (step.kind === 'nulls') {
    const onNulls = step.make(argument);
    return ([one = null]) => onNulls(one);
  }
  const onValues = step.make(argument);
  return ([one = null]) => (one === null ? null : onValues(one));
}

/** One value after its steps. */
function stepped(
  inputs: OracleInputs,
  uses: readonly StepUse[],
  given: readonly (string | null)[],
  column: string,
): readonly (string | null)[] | Refused {
  let values = given;
  for (const use of uses) {
    const result = stepOf(inputs, use)(values);
    if (result instanceof Failure) return new Refused(column, use.name);
    values = [result];
  }
  return values;
}

const textOf = (scalar: Scalar): string | null => (scalar.type === 'null' ? null : scalar.text);

function resolve(
  compiled: CompiledMapping,
  inputs: OracleInputs,
  row: SourceRow,
  spec: ColumnSpec,
  { origin, keyTypes, reference }: ValueMake,
  column: string,
  outcomes: Map<string, Outcome>,
): string | null | Refused {
  const values = stepped(inputs, spec.steps, originValues(compiled, inputs, row, origin), column);
  if (values instanceof Refused) return values;
  const { resolver } = spec;
  const fallback = spec.default === null ? null : textOf(spec.default.value);
  const present = values.filter((value) => value !== null);
  const isNull = present.length < values.length;
  if (resolver === null) return present[0] ?? fallback;
  const entries =
    resolver.kind === 'map'
      ? resolver.entries.map(({ key, value }) => ({ keys: [key], value: textOf(value) }))
      : (inputs.tables.get(column) ?? []);
  const found = isNull ? undefined : find(entries, present, reference?.parents[0]?.keyTypes ?? keyTypes);
  if (resolver.kind !== 'references') {
    if (isNull) return fallback;
    if (found !== undefined) return found.value ?? fallback;
    const otherwise = resolver.kind === 'map' ? resolver.unmapped : { kind: resolver.missing };
    if (otherwise.kind === 'reject' || otherwise.kind === 'fail') {
      return new Refused(column, resolver.kind, otherwise.kind);
    }
    if (otherwise.kind === 'keep') return present[0] ?? null;
    return (otherwise.kind === 'value' ? textOf(otherwise.value) : null) ?? fallback;
  }
  const settle = (outcome: Outcome, value: string | null): string | null => {
    outcomes.set(column, outcome);
    return value;
  };
  if (found !== undefined) return settle('resolved', found.value);
  if (!isNull && reference?.parents[0]?.isLate === true) return settle('pending', null);
  if (spec.default !== null && (isNull || resolver.missing === 'null')) return settle('defaulted', fallback);
  if (isNull) return settle('null', null);
  outcomes.set(column, 'missing');
  return resolver.missing === 'null' ? null : new Refused(column, 'references', resolver.missing);
}

/** The entry whose key is the values', part by part. */
function find(
  entries: readonly Entry[],
  values: readonly string[],
  types: readonly BaseType[],
): Entry | undefined {
  return entries.find(({ keys }) =>
    keys.every((key, n) => sameKey(key, values[n] ?? '', types[n] ?? 'text')),
  );
}
