import { gravity, type Change, type Dependant, type ProjectDiff } from '../contract/diff.js';
import type { Mapping } from '../contract/mapping.js';
import type { SqlTrees } from '../sql/index.js';
import { differences, wordsAndPlaces, type Difference } from './compare.js';
import { dependantsOf } from './dependants.js';
import { changedEdges } from './edges.js';
import { mappingFacets } from './facets/mapping.js';
import { projectFacets } from './facets/project.js';
import { itemFacets } from './items.js';
import { inRunOrder } from './order.js';
import { pairMappings, withNewNames, type Pair } from './pairs.js';
import { Side, type SideInput } from './side.js';
import { judge } from './table/index.js';
import type { Judged, Verdict } from './table/verdict.js';

/** What each change is judged by. */
interface Sides {
  readonly base: Side;
  readonly head: Side;
  readonly sql: SqlTrees;
  readonly renamed: ReadonlyMap<string, string>;
}

/** Compares two states of a project by what they mean. Pure: both are loaded, nothing is asked or run. */
export function diffProjects(baseInput: SideInput, headInput: SideInput, sql: SqlTrees): ProjectDiff {
  const [base, head] = [new Side(baseInput), new Side(headInput)];
  const { pairs, renamed } = pairMappings(base, head, sql);
  const sides = { base, head, sql, renamed };
  const found = [
    ...differences(projectFacets(base), projectFacets(head), sql).map((one) =>
      changeOf(one, { base: null, head: null }, sides),
    ),
    ...pairs.flatMap((pair) => mappingChanges(pair, sides)),
  ];
  const changes = worstFirst(together(found));
  return {
    project: head.project.name,
    base: { name: baseInput.name, hash: baseInput.hash },
    head: { name: headInput.name, hash: headInput.hash },
    changes,
    edges: changedEdges(base.project, head.project, renamed),
    rerun: inRunOrder(toRun(changes, head), head.project),
    untold: untoldFiles(baseInput, headInput, changes),
    sample: null,
    planHash: null,
    notes: [],
  };
}

function mappingChanges(pair: Pair, sides: Sides): readonly Change[] {
  const { sql, renamed } = sides;
  const base = pair.base === null ? null : withNewNames(pair.base, renamed);
  const { head } = pair;
  const own = { base, head };
  if (base === null || head === null) return [existence(own, sides)];
  const [before, after] = itemFacets(base, head, sql);
  const found = differences(
    [...mappingFacets(base, sides.base.input), ...before],
    [...mappingFacets(head, sides.head.input), ...after],
    sql,
  );
  const implied = found.filter((one) => isImplied(one, found, sides));
  return [
    ...(base.name === head.name ? [] : [existence(own, sides)]),
    ...found.filter((one) => !implied.includes(one)).map((one) => changeOf(one, own, sides, implied)),
  ];
}

/** A mapping that is new, gone or has another name. */
function existence({ base, head }: Pair, sides: Sides): Change {
  const words = (mapping: Mapping | null): string | null =>
    mapping === null
      ? null
      : `${mapping.name}: ${mapping.source.from.kind === 'table' ? mapping.source.from.table.value : 'a query'} → ${mapping.target.table.value}`;
  const there = head ?? base;
  if (there === null) throw new Error('a mapping that is nowhere');
  const verdict = judge('a mapping', judgedOf({ before: null, after: null }, { base, head }, sides));
  return {
    class: verdict.class,
    key: 'a mapping',
    mappings: [there.name],
    what: base === null ? 'new mapping' : head === null ? 'mapping is gone' : `mapping was ${base.name}`,
    before: words(base),
    after: words(head),
    consequence: verdict.consequence,
    needsRun: verdict.reach !== 'none',
    at: there.at,
    was: base?.at ?? null,
    side: head === null ? 'base' : 'head',
    dependants: dependantsIn(sides, there.name, verdict, null),
  };
}

function changeOf(one: Difference, pair: Pair, sides: Sides, implied: readonly Difference[] = []): Change {
  const facet = one.after ?? one.before;
  if (facet === null) throw new Error('a difference between nothing and nothing');
  const along = implied.filter((other) => isDefaultOf(one, other));
  const verdict = [one, ...along]
    .map((each) => judge((each.after ?? each.before ?? facet).key, judgedOf(each, pair, sides)))
    .reduce((a, b) => (gravity(b.class) > gravity(a.class) ? b : a));
  const name = pair.head?.name ?? null;
  return {
    class: verdict.class,
    key: facet.key,
    mappings: name === null ? [] : [name],
    what: facet.what,
    ...wordsAndPlaces(one, sides.base, sides.head, sides.sql),
    consequence: verdict.consequence,
    needsRun: verdict.reach !== 'none',
    dependants: name === null ? [] : dependantsIn(sides, name, verdict, facet.column),
  };
}

function judgedOf(
  { before, after }: Difference,
  { base, head }: Pair,
  { base: old, head: now, sql }: Sides,
): Judged {
  const name = head?.name ?? base?.name ?? null;
  const all = [...old.project.mappings, ...now.project.mappings];
  return {
    before: before?.value ?? undefined,
    after: after?.value ?? undefined,
    ...{ base, head, sql },
    column: (after ?? before)?.column ?? null,
    isReferredBy: (column) =>
      all.some(({ columns }) =>
        columns.some(
          ({ resolver }) =>
            resolver?.kind === 'references' &&
            resolver.parents.some(({ mapping, by }) => mapping.value === name && by?.value === column),
        ),
      ),
  };
}

/** Without `missing` a default decides it: then both are one change. */
const isImplied = (one: Difference, all: readonly Difference[], { base, head }: Sides): boolean =>
  one.before?.key === 'a column › missing' &&
  one.after !== null &&
  !base.isWritten(one.before) &&
  !head.isWritten(one.after) &&
  all.some((other) => isDefaultOf(other, one));

const isDefaultOf = (one: Difference, missing: Difference): boolean => {
  const [facet, other] = [one.after ?? one.before, missing.after];
  return facet?.key === 'a column › default' && facet.column === other?.column;
};

/** Those of head, where the mapping is still there; else those of base that head still has. */
function dependantsIn(
  { base, head, renamed }: Sides,
  name: string,
  { reach }: Verdict,
  column: string | null,
): readonly Dependant[] {
  const before = base.project.mappings.map((mapping) => withNewNames(mapping, renamed));
  const found = [
    ...dependantsOf(name, { reach, column }, head.project.mappings),
    ...(head.mappings.has(name) ? [] : dependantsOf(name, { reach, column }, before)),
  ];
  return found.filter(
    (one, n) =>
      head.mappings.has(one.mapping) && found.findIndex((other) => other.mapping === one.mapping) === n,
  );
}

/** One line of etl.yaml or of a look-up may change several mappings: that is one change. */
function together(changes: readonly Change[]): readonly Change[] {
  const found = new Map<string, Change>();
  for (const change of changes) {
    const { mappings: _mappings, dependants: _dependants, ...rest } = change;
    const id = JSON.stringify(rest);
    const first = found.get(id);
    found.set(id, {
      ...change,
      mappings: [...new Set([...(first?.mappings ?? []), ...change.mappings])],
      dependants: [...(first?.dependants ?? []), ...change.dependants],
    });
  }
  return [...found.values()].map((change) => ({ ...change, dependants: others(change) }));
}

/** The dependants of a change, each once, but for the mappings that it changes. */
const others = ({ mappings, dependants }: Change): readonly Dependant[] =>
  dependants.filter(
    ({ mapping }, n) =>
      !mappings.includes(mapping) && dependants.findIndex((one) => one.mapping === mapping) === n,
  );

const worstFirst = (changes: readonly Change[]): readonly Change[] =>
  [...changes].sort(
    (a, b) =>
      gravity(b.class) - gravity(a.class) ||
      compareText(a.at.file, b.at.file) ||
      a.at.line - b.at.line ||
      a.at.column - b.at.column,
  );

const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/** Mappings of head whose rows change, and what hangs on them. */
function toRun(changes: readonly Change[], head: Side): ReadonlySet<string> {
  const names = changes.flatMap(({ needsRun, mappings, dependants }) => {
    if (!needsRun) return [];
    return [
      ...(mappings.length === 0 ? head.mappings.keys() : mappings),
      ...dependants.map((one) => one.mapping),
    ];
  });
  return new Set(names.filter((name) => head.mappings.has(name)));
}

function untoldFiles(base: SideInput, head: SideInput, changes: readonly Change[]): readonly string[] {
  const told = new Set(changes.flatMap(({ at, was }) => [at.file, ...(was === null ? [] : [was.file])]));
  const [before, after] = [base, head].map(
    ({ texts, tables, shown }) =>
      new Map([...texts, ...[...tables].map(([file, text]) => [shown(file), text] as const)]),
  );
  const files = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  return [...files].filter((file) => !told.has(file) && before?.get(file) !== after?.get(file)).sort();
}
