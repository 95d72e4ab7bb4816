import type { CompiledMapping } from '../contract/compiled.js';
import { referredTo } from '../contract/references.js';
import type { Mapping, Project } from '../contract/mapping.js';
import type { Position, Problem } from '../contract/problem.js';
import { circleProblem } from '../graph/circle.js';
import { reachable } from '../graph/graph.js';
import { openCycles, type OpenableEdge } from '../graph/open.js';
import { describeCheckQueries } from './check-queries.js';
import { Context, type Registries, type Sides } from './context.js';
import { handleColumns, referenceColumns } from './identity.js';
import { compileMapping } from './mapping.js';
import { oneAfterTheOther } from './meet.js';
import { checkShared, mergesWith, sharedWith } from './shared.js';
import type { CatalogueReader } from './shape.js';
import { bindSides } from './sides.js';

/** A mapping needs another one: through a column's reference, or by `depends_on`. */
export interface Dependency extends OpenableEdge {
  /** Null for `depends_on`. */
  readonly column: string | null;
  readonly at: Position;
}

export interface CompiledProject {
  readonly mappings: readonly CompiledMapping[];
  readonly dependencies: readonly Dependency[];
  /** The dependencies that a second pass closes. */
  readonly opened: readonly Dependency[];
}

const CLOSED = {
  what: 'references lead',
  help: 'make one of these columns nullable in the target, so that a second pass can fill it',
};

/**
 * Binds the selected mappings, and those that they refer to, to both catalogues.
 * @param sources a catalogue for each source connection's name
 * @returns null where any problem is an error; all problems of all mappings are collected
 */
export async function compileProject(
  project: Project,
  selected: ReadonlySet<string>,
  sources: ReadonlyMap<string, CatalogueReader>,
  target: CatalogueReader,
  registries: Registries,
  problems: Problem[],
): Promise<CompiledProject | null> {
  const needed = withReferenced(project.mappings, selected);
  const all = await bindSides(needed, sources, target, problems);
  // Rows of a mapping that is not selected are there already: only the selected ones wait for each other.
  const loaded = needed.filter((mapping) => selected.has(mapping.name));
  await describeCheckQueries(loaded, new Map([...sources, ['target', target]]), problems);
  const dependencies = loaded
    .flatMap((mapping) => dependenciesOf(mapping, all, loaded))
    .filter(({ to }) => selected.has(to));
  const names = loaded.map((mapping) => mapping.name);
  const { opened, closed } = openCycles(names, dependencies);
  const left = dependencies.filter((dependency) => !opened.includes(dependency));
  for (const circle of closed) problems.push(circleProblem(circle, left, CLOSED));
  // Rows of one are sought when the other has loaded its own.
  const ordered = [...dependencies, ...oneAfterTheOther(loaded, project.phases, all, left)];
  const mappings = [...all.values()].flatMap((sides) => {
    const own = opened.flatMap(({ from, to, column }) =>
      from === sides.mapping.name && column !== null ? [{ column, to }] : [],
    );
    const shared = sharedWith(sides, project.mappings, all);
    const context = new Context(project.name, sides, all, own, registries, problems);
    checkShared(context, shared, (name) => reachable([sides.mapping.name], left).has(name));
    const compiled = compileMapping(
      context,
      shared.map((other) => ({
        mapping: other.name,
        handle: handleColumns({ mapping: other, table: sides.table }),
        columns: other.columns.map(({ column }) => column.value),
        merges: mergesWith(sides.mapping, other),
      })),
    );
    return compiled === null ? [] : [compiled];
  });
  return problems.some((problem) => problem.severity === 'error')
    ? null
    : { mappings, dependencies: ordered, opened };
}

/** The selected mappings and, for their key maps, those that they refer to; in the project's order. */
function withReferenced(mappings: readonly Mapping[], selected: ReadonlySet<string>): readonly Mapping[] {
  const wanted = new Set(selected);
  for (const mapping of mappings) {
    if (selected.has(mapping.name)) for (const name of referredTo(mapping)) wanted.add(name);
  }
  return mappings.filter((mapping) => wanted.has(mapping.name));
}

/**
 * What a mapping needs. @param all both sides by mapping; without one any column may wait for its row
 */
export function dependenciesOf(
  mapping: Mapping,
  all: ReadonlyMap<string, Sides>,
  loaded: readonly Mapping[],
): readonly Dependency[] {
  const from = mapping.name;
  const sides = all.get(from);
  const byReference = mapping.columns.flatMap((spec): readonly Dependency[] => {
    const { resolver } = spec;
    if (resolver?.kind !== 'references') return [];
    const column = sides?.table.columns.find((c) => c.name === spec.column.value);
    const dear = resolver.missing === 'reject';
    const ways = resolver.parents.map(({ mapping: { value: to, at }, yields }): Dependency => {
      // One that cannot be null refers to its own row until the other one is there.
      const handle = sides === undefined ? [] : handleColumns(sides);
      const given = yields?.value ?? (sides === undefined ? null : referenceColumns(sides)[0]);
      const holdsItself = from === to && handle.length === 1 && handle[0] === given;
      const openable = column?.notNull !== true || holdsItself;
      return { from, to, column: spec.column.value, at, openable, dear };
    });
    // Several ways to one mapping are one arrow, which waits for it or does not.
    return ways.flatMap((way, n) => {
      const same = ways.filter(({ to }) => to === way.to);
      if (ways.findIndex(({ to }) => to === way.to) < n) return [];
      return [{ ...way, openable: same.every((each) => each.openable) }];
    });
  });
  const byName = mapping.dependsOn.map((name) => ({
    from,
    to: name.value,
    column: null,
    at: name.at,
    openable: false,
  }));
  // A look-up in a table that the run loads reads it when that is done.
  const byLookup = mapping.columns.flatMap(({ resolver }): readonly Dependency[] => {
    const lookup = resolver?.kind === 'lookup' ? resolver.lookup.from : null;
    if (lookup?.kind !== 'table' || lookup.connection.value !== 'target') return [];
    return loaded
      .filter((other) => other.name !== from && other.target.table.value === lookup.table.value)
      .map((other) => ({ from, to: other.name, column: null, at: lookup.table.at, openable: false }));
  });
  return [...byReference, ...byLookup, ...byName];
}
