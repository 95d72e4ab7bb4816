import { createHash } from 'node:crypto';
import type { CompiledProject } from '../compile/project.js';
import type { Table } from '../contract/catalogue.js';
import type { Plan, Step } from '../contract/plan.js';

/**
 * Everything that a plan was agreed to with, as sentences: of each thing (a file, a table) its facts by name. Row
 * numbers, and what is chosen by them alone (key ranges, key maps), are not among them.
 */
export type Agreed = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a plan rests on beside its steps and tables. */
export interface AgreedFacts {
  /** sha256 of each file that decides about rows, by its path in the project folder. */
  readonly files: ReadonlyMap<string, string>;
  readonly selected: ReadonlySet<string>;
  readonly crosswalk: string;
  /** By connection, without secrets. */
  readonly databases: Readonly<Record<string, string>>;
}

/** What is agreed to with a plan. */
export function agreed(project: CompiledProject, plan: Plan, facts: AgreedFacts): Agreed {
  const { mappings } = project;
  return {
    files: Object.fromEntries(facts.files),
    selection: Object.fromEntries([...facts.selected].sort().map((name) => [name, 'selected'])),
    crosswalk: { version: facts.crosswalk },
    databases: facts.databases,
    steps: Object.fromEntries(plan.steps.map((step, n) => [step.id, stepText(step, n)])),
    ...Object.fromEntries(
      mappings.map(({ table }) => [`target table ${table.schema}.${table.name}`, tableFacts(table)]),
    ),
    ...Object.fromEntries(
      mappings.map(({ mapping, fields }) => [
        `source of ${mapping.name}`,
        Object.fromEntries(fields.map(({ name, type }) => [`column ${name}`, type.display])),
      ]),
    ),
  };
}

/** The hash that a pull request's comment can name. */
export const agreedHash = (facts: Agreed): string =>
  createHash('sha256').update(canonical(facts)).digest('hex');

const canonical = (facts: Agreed): string =>
  JSON.stringify(sorted(facts).map(([name, group]) => [name, sorted(group)]));

const sorted = <T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/** When a step comes, and what it does to the target's schema. */
function stepText(step: Step, place: number): string {
  const needs = step.needs.length === 0 ? '' : ` after ${[...step.needs].sort().join(', ')}`;
  const own = `number ${String(place + 1)}${step.phase === null ? '' : ` of phase ${step.phase}`}${needs}`;
  if (step.kind !== 'load') return own;
  const { mode, drop } = step.constraints;
  return mode === 'keep' ? own : `${own}, drops and builds again ${[...drop].sort().join(', ')}`;
}

function tableFacts({ columns, primaryKey, uniques, foreignKeys }: Table): Readonly<Record<string, string>> {
  const list = (names: readonly string[]): string => `(${names.join(', ')})`;
  return Object.fromEntries([
    ...columns.map((column) => [`column ${column.name}`, columnText(column)] as const),
    ['primary key', list(primaryKey)] as const,
    ...uniques.map((names) => [`unique ${list(names)}`, 'holds'] as const),
    ...foreignKeys.map(
      (key) =>
        [
          `foreign key ${key.name}`,
          `${list(key.columns)} references ${key.table.schema}.${key.table.name} ${list(key.referenced)}`,
        ] as const,
    ),
  ]);
}

const columnText = ({ type, notNull, hasDefault, generated, identity }: Table['columns'][number]): string =>
  [
    type.display,
    ...(type.labels.length === 0 ? [] : [`of ${type.labels.join(', ')}`]),
    ...(notNull ? ['not null'] : []),
    ...(hasDefault ? ['with a default'] : []),
    ...(generated ? ['generated'] : []),
    ...(identity === null ? [] : [`identity ${identity}`]),
  ].join(' ');

/** What differs, one sentence each; empty where nothing does. */
export function disagreements(before: Agreed, now: Agreed): readonly string[] {
  const [olds, youngs] = [new Map(Object.entries(before)), new Map(Object.entries(now))];
  return [...olds].flatMap(([group, old]) => {
    const young = youngs.get(group);
    // That a mapping has come or gone the files say already.
    if (young === undefined) return [];
    const [was, is] = [new Map(Object.entries(old)), new Map(Object.entries(young))];
    const names = [...new Set([...was.keys(), ...is.keys()])];
    return names.flatMap((name) => sentence(group, name, was.get(name), is.get(name)));
  });
}

function sentence(
  group: string,
  name: string,
  before: string | undefined,
  now: string | undefined,
): readonly string[] {
  if (before === now) return [];
  const thing = group === 'files' ? name : `${group}: ${name}`;
  if (before === undefined) return [`${thing} is new`];
  if (now === undefined) return [`${thing} is gone`];
  return group === 'files' ? [`${thing} has changed`] : [`${thing} is ${now}, was ${before}`];
}
