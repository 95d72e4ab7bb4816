import type { ColumnSpec, Mapping, Parent } from '../contract/mapping.js';
import type { Located } from '../contract/problem.js';
import type { StepDefinition } from '../contract/step.js';
import { suggest } from '../contract/suggest.js';
import { circleProblem } from '../graph/circle.js';
import { components } from '../graph/graph.js';
import { didYouMean, errorAt } from './report.js';
import type { Report } from './report.js';

/** The mappings of a project, as far as they could be read. */
export interface Known {
  readonly mappings: ReadonlyMap<string, Mapping>;
  /** Every name, those of mappings that could not be read included. */
  readonly names: ReadonlySet<string>;
  /** False where there may be mappings of other names. */
  readonly complete: boolean;
  /** In running order; null where etl.yaml cannot be read. */
  readonly phases: readonly string[] | null;
  /** Files with problems: what follows from their parts would only repeat those. */
  readonly faulty: ReadonlySet<string>;
  readonly steps: ReadonlyMap<string, StepDefinition>;
}

const DEPENDS = {
  what: 'mappings depend on each other',
  help: 'remove one of these from its depends_on: nothing else could break the circle',
};

/** Circles of `depends_on` alone: a column that could wait is on none of these. */
function checkCircles(mappings: ReadonlyMap<string, Mapping>, report: Report): void {
  const edges = [...mappings.values()].flatMap(({ name, dependsOn }) =>
    dependsOn.map(({ value, at }) => ({ from: name, to: value, column: null, at })),
  );
  if (edges.length === 0) return;
  for (const circle of components([...mappings.keys()], edges)) {
    if (circle.length > 1) report(circleProblem(circle, edges, DEPENDS));
  }
}

/** Checks what mappings say of each other: `depends_on` and `references`. */
export function checkReferences(known: Known, report: Report): void {
  checkCircles(known.mappings, report);
  for (const mapping of known.mappings.values()) {
    for (const dependency of mapping.dependsOn) {
      if (dependency.value === mapping.name) {
        report(
          errorAt('ETL-REF-008', dependency.at, 'a mapping cannot depend on itself', { help: 'remove it' }),
        );
      } else {
        checkNamed(mapping, dependency, known, report);
      }
    }
    for (const column of mapping.columns) {
      if (column.resolver?.kind !== 'references') continue;
      for (const parent of column.resolver.parents) {
        const target = checkNamed(mapping, parent.mapping, known, report);
        if (target !== null && !target.plainCopy && !known.faulty.has(target.file)) {
          checkKey(column, parent, target, known, report);
          checkYield(parent, target, report);
        }
      }
    }
  }
}

/** The mapping of this name, or null: it does not exist or belongs to a later phase. */
function checkNamed(
  mapping: Mapping,
  { value, at }: Located<string>,
  known: Known,
  report: Report,
): Mapping | null {
  if (!known.names.has(value)) {
    if (!known.complete) return null;
    const names = [...known.names].sort();
    const help = didYouMean(suggest(value, names), names);
    const label = 'no mapping has this name';
    report(errorAt('ETL-REF-003', at, `unknown mapping "${value}"`, { label, help }));
    return null;
  }
  const other = known.mappings.get(value);
  if (other === undefined) return null;
  const own = known.phases?.indexOf(mapping.phase ?? '') ?? -1;
  const theirs = known.phases?.indexOf(other.phase ?? '') ?? -1;
  if (own < 0 || theirs <= own) return other;
  const message = `"${value}" belongs to a later phase`;
  const label = `runs in ${other.phase ?? ''}, this mapping in ${mapping.phase ?? ''}`;
  const help = 'move one of the two mappings to another phase, or change the order of the phases';
  report(errorAt('ETL-REF-004', at, message, { label, help }));
  return null;
}

function checkKey(
  { origin, steps }: ColumnSpec,
  { mapping, by }: Parent,
  target: Mapping,
  { steps: definitions }: Known,
  report: Report,
): void {
  const first = steps[0];
  const joined = first !== undefined && definitions.get(first.name)?.kind === 'several';
  const given = origin.kind === 'source' && !joined ? origin.columns.length : 1;
  const wanted = by === null ? target.source.key.length : 1;
  if (target.source.key.length === 0) {
    const message = `"${mapping.value}" has no source key, so that none of its rows can be referred to`;
    report(
      errorAt('ETL-REF-005', mapping.at, message, { help: `name it in ${target.file}: source: { key: … }` }),
    );
  }
  if (given === wanted || wanted === 0) return;
  const key = by === null ? target.source.key.map(({ value }) => value).join(', ') : by.value;
  const message = `"${mapping.value}" is found by ${columns(wanted)} (${key}), but this column gives ${columns(given)}`;
  const help =
    wanted > 1 ? `write from: [${key}], or refer with by: to one unique column` : 'name one column in from';
  report(errorAt('ETL-REF-005', mapping.at, message, { help }));
}

function checkYield({ mapping, yields }: Parent, { target }: Mapping, report: Report): void {
  if (yields !== null || target.identity !== null || target.key.length === 1) return;
  const message = `"${mapping.value}" has neither an identity nor a target key of one column to give`;
  const help = `name the column: references: { mapping: ${mapping.value}, yields: … }`;
  report(errorAt('ETL-REF-006', mapping.at, message, { help }));
}

function columns(count: number): string {
  return count === 1 ? '1 column' : `${String(count)} columns`;
}
