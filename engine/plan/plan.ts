import type { Dependency } from '../compile/project.js';
import type { Mapping } from '../contract/mapping.js';
import type { LoadChoice, Plan, Step } from '../contract/plan.js';
import { components, reachable } from '../graph/graph.js';
import { withHooks } from './hooks.js';

const loadId = (mapping: string): string => `load ${mapping}`;

const NOTHING: LoadChoice = {
  estimatedRows: 0,
  constraints: { mode: 'keep', drop: [], reason: null, kept: [] },
  ranges: { count: 1, rows: null, reason: '' },
  sql: '',
  reading: '',
  staged: '',
  existing: '',
  keys: [],
};

/** A second pass: it completes one column when all mappings that the column may lead to are loaded. */
interface Pass {
  readonly from: string;
  readonly column: string;
  /** The mappings that come later. */
  readonly to: readonly string[];
  /** It may take rows back. */
  readonly dear: boolean;
}

const isOwn = ({ from, to }: Pass): boolean => to.every((name) => name === from);

/** One pass for each column, whatever number of its references was opened. */
function passesOf(opened: readonly Dependency[]): readonly Pass[] {
  const passes = new Map<string, Pass>();
  for (const { from, to, column, dear } of opened) {
    const id = JSON.stringify([from, column]);
    const others = passes.get(id)?.to ?? [];
    passes.set(id, { from, column: column ?? '', to: [...others, to], dear: dear === true });
  }
  return [...passes.values()];
}

/**
 * Mappings outside of a circle that refer into it, where the pass that closes it may take rows back: they wait for
 * that, and so never refer to a row that goes.
 */
function waitingForPasses(
  mappings: readonly Mapping[],
  edges: readonly Dependency[],
  passes: readonly Pass[],
): readonly { readonly name: string; readonly pass: Pass }[] {
  const names = mappings.map(({ name }) => name);
  const arrows = passes.flatMap(({ from, to: ends }) => ends.map((to) => ({ from, to })));
  return passes
    .filter((pass) => !isOwn(pass) && pass.dear)
    .flatMap((pass) => {
      const circle = components(names, [...edges, ...arrows]).find((members) => members.includes(pass.from));
      return names
        .filter((name) => circle?.includes(name) !== true && reachable([name], edges).has(pass.from))
        .map((name) => ({ name, pass }));
    });
}

/** Why a second pass is needed, and what it does about a row whose reference is still missing. */
function passReason(d: Pass, mapping: Mapping | undefined): string {
  const spec = mapping?.columns.find(({ column }) => column.value === d.column);
  const why = isOwn(d)
    ? `rows of ${d.from} may come before those they refer to`
    : `${[...new Set([d.from, ...d.to])].join(' and ')} need each other`;
  const resolver = spec?.resolver?.kind === 'references' ? spec.resolver : null;
  if (resolver === null) return why;
  const missing =
    resolver.missing === 'reject'
      ? 'is rejected, with all rows that refer to it'
      : resolver.missing === 'fail'
        ? 'fails the mapping'
        : spec?.default === null || spec?.default === undefined
          ? 'is left null'
          : 'gets the default';
  return `${why}; what is still missing then ${missing}`;
}

/**
 * Orders the loads of the selected mappings by their dependencies and phases, and the second passes behind
 * them: one to the mapping itself before anything that needs it, one that closes a larger circle at the circle's end.
 */
export function makePlan(
  selected: readonly Mapping[],
  phases: readonly string[],
  dependencies: readonly Dependency[],
  opened: readonly Dependency[],
  choices: ReadonlyMap<string, LoadChoice>,
): Plan {
  const names = new Set(selected.map((mapping) => mapping.name));
  const inside = (d: Dependency): boolean => names.has(d.from) && names.has(d.to);
  const passes = passesOf(opened.filter(inside));
  const edges = dependencies.filter((d) => inside(d) && !opened.includes(d));
  const named = new Map(selected.map((mapping) => [mapping.name, mapping]));
  const phaseOf = (name: string): number => phases.indexOf(named.get(name)?.phase ?? '');
  const passId = (d: Pass): string => `second pass ${d.from}.${d.column}`;
  /** The phase in which a second pass is done: the latest one of its ends. */
  const passPhase = (d: Pass): number => Math.max(phaseOf(d.from), ...d.to.map(phaseOf));

  const byPhase = [...selected].sort((a, b) => phaseOf(a.name) - phaseOf(b.name));
  // In an earlier phase they are loaded before: what then goes takes their rows along.
  const behind = waitingForPasses(byPhase, edges, passes).filter(
    ({ name, pass }) => phaseOf(name) >= passPhase(pass),
  );
  const order = components(
    byPhase.map((mapping) => mapping.name),
    [
      ...edges,
      ...behind.flatMap(({ name, pass: { from, to } }) => [
        { from: name, to: from },
        ...to.map((end) => ({ from: name, to: end })),
      ]),
    ],
  )
    .flat()
    .sort((a, b) => phaseOf(a) - phaseOf(b));

  // Of each phase once: with a list for every step, 400 mappings took a second.
  const before = [-1, ...phases.keys()].map((phase) => [
    ...order.filter((name) => phaseOf(name) < phase).map(loadId),
    ...passes.filter((d) => passPhase(d) < phase).map(passId),
  ]);
  const place = new Map(order.map((name, n) => [name, n]));
  const needed = new Map<string, string[]>();
  for (const { from, to } of edges) needed.set(from, [...(needed.get(from) ?? []), to]);
  const doneId = (name: string): readonly string[] => [
    loadId(name),
    ...passes.filter((d) => isOwn(d) && d.from === name).map(passId),
  ];
  const pass = (d: Pass): Step => ({
    id: passId(d),
    kind: 'second_pass',
    mapping: d.from,
    column: d.column,
    references: d.to.join(', '),
    rowsAtMost: choices.get(d.from)?.estimatedRows ?? 0,
    reason: passReason(d, named.get(d.from)),
    phase: phases[passPhase(d)] ?? null,
    needs: isOwn(d) ? [loadId(d.from)] : [...new Set([d.from, ...d.to].flatMap(doneId))],
  });

  const steps = order.flatMap((name, n): readonly Step[] => {
    const needs = [
      ...(needed.get(name) ?? []).flatMap(doneId),
      ...behind.flatMap((one) => (one.name === name ? [passId(one.pass)] : [])),
    ];
    const load: Step = {
      id: loadId(name),
      kind: 'load',
      mapping: name,
      before: named.get(name)?.hooks.before ?? [],
      phase: named.get(name)?.phase ?? null,
      needs: [...new Set([...needs, ...(before[phaseOf(name) + 1] ?? [])])],
      ...(choices.get(name) ?? NOTHING),
    };
    const isLoaded = (other: string): boolean => (place.get(other) ?? Infinity) <= n;
    const ready = passes.filter((d) =>
      isOwn(d)
        ? d.from === name
        : isLoaded(d.from) && d.to.every(isLoaded) && [d.from, ...d.to].includes(name),
    );
    return [load, ...ready.filter(isOwn).map(pass), ...ready.filter((d) => !isOwn(d)).map(pass)];
  });
  return { steps: withHooks(steps, selected) };
}
