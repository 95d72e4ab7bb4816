import { availableParallelism } from 'node:os';
import type { CompiledProject } from '../compile/project.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { ConstraintPlan } from '../contract/constraints.js';
import type { KeyChoice, LoadChoice } from '../contract/plan.js';
import { referencesOf } from '../contract/references.js';
import type { EndPoint } from '../contract/result.js';
import { chooseRanges, mustBeInOrder } from '../plan/ranges.js';
import { chooseKeyMap, KEY_MAP_BYTES } from '../resolve/choose.js';
import { notAskable } from '../run/keys/ask-keys.js';
import { mergeOrder } from '../run/rows/merge.js';
import { readerSql } from '../run/read/reader-copy.js';

export interface ChoiceFacts {
  readonly estimates: ReadonlyMap<string, number>;
  readonly constraints: ConstraintPlan;
  readonly ends: readonly EndPoint[];
  /** By mapping. */
  readonly readings: ReadonlyMap<string, string>;
}

const isHere = ({ host }: EndPoint): boolean =>
  host === '' || host.startsWith('/') || ['localhost', '127.0.0.1', '::1'].includes(host);

/** What is chosen for one load from what the catalogues and planners say; what `etl plan --explain` shows. */
export function chooseLoad(
  project: CompiledProject,
  compiled: CompiledMapping,
  { estimates, constraints, ends, readings }: ChoiceFacts,
): LoadChoice {
  const estimatedRows = estimates.get(compiled.mapping.name) ?? 0;
  const inOrder = mustBeInOrder(compiled, constraints.mode);
  const checksRows = constraints.mode === 'keep' && compiled.table.foreignKeys.length > 0;
  const processors = ends.every(isHere) ? availableParallelism() : null;
  return {
    estimatedRows,
    constraints,
    ranges: chooseRanges({ compiled, estimatedRows, processors, inOrder, checksRows }),
    sql: readerSql(compiled),
    reading: readings.get(compiled.mapping.name) ?? '',
    staged:
      compiled.table.rowSecurity === null
        ? ''
        : 'by way of a temporary table, for row-level security of the target applies to the role: what a policy refuses is a reject (42501)',
    existing: existingWords(compiled),
    keys: referencesOf(compiled).flatMap(({ column, parent }) => {
      const other = project.mappings.find(({ mapping }) => mapping.name === parent.mapping.value);
      return other === undefined ? [] : [keyChoice(column.name, other, estimates)];
    }),
  };
}

function existingWords(compiled: CompiledMapping): string {
  if (compiled.mapping.target.mode.value === 'replace') {
    return 'they go, with the first batch (mode: replace); each is kept in etl.undo as text for a rollback, so that the state grows by the old table with every run';
  }
  if (compiled.found === 'key_map') return 'by the pairs of keys that are kept in the state schema';
  return mergeOrder(compiled) === null
    ? 'by their keys, read from the target before the load'
    : 'by reading source and target side by side in the order of the key; what is equal is not sent';
}

/** By the estimate; a load looks at the span of integer keys, too, before it decides. */
function keyChoice(
  column: string,
  other: CompiledMapping,
  estimates: ReadonlyMap<string, number>,
): KeyChoice {
  const choice = chooseKeyMap({
    keyTypes: other.key.map((field) => other.fields[field]?.type.base ?? 'text'),
    handleTypes: other.handle.map((index) => other.columns[index]?.column.type.base ?? 'text'),
    estimatedRows: estimates.get(other.mapping.name) ?? 0,
    span: null,
    notAskable: notAskable(other),
    bound: KEY_MAP_BYTES,
  });
  return { column, mapping: other.mapping.name, ...choice };
}
