import type { MappingResult, RejectGroup, RunResult } from '../engine/contract/result.js';

/** Rejected rows of one mapping, column and rule, whatever they refer to. */
export interface Cause extends Omit<RejectGroup, 'because'> {
  readonly mapping: string;
  /** Of its rows, those that refer to rejected ones, by the first cause of it all: `patients: email, length`. */
  readonly follows: readonly { readonly because: string; readonly count: number }[];
  /** Rows of any mapping that were rejected since they lead to rows of this cause. */
  readonly takes: number;
}

const SAMPLES = 5;

/** All causes of a run, the largest first; causes of one size keep the order of the run. */
export function causesOf(result: RunResult): readonly Cause[] {
  const groups = result.mappings.flatMap((mapping) => mapping.rejects);
  return result.mappings
    .flatMap((mapping) => causesIn(mapping, groups))
    .sort((left, right) => right.count - left.count);
}

/** `tasks.status`, or `tasks` for a cause that no single column bears. */
export function placeOf(cause: Pick<Cause, 'mapping' | 'column'>): string {
  return cause.column === null ? cause.mapping : `${cause.mapping}.${cause.column}`;
}

/** The same for rejects of one cause in every run of a project, whatever line it stands on by now. */
export const identityOf = ({ mapping, column, rule, sqlstate }: Cause): string =>
  JSON.stringify([mapping, column, rule, sqlstate]);

function causesIn({ mapping, rejects }: MappingResult, all: readonly RejectGroup[]): readonly Cause[] {
  const byCause = new Map<string, RejectGroup[]>();
  for (const group of rejects) {
    const id = JSON.stringify([group.column, group.rule, group.sqlstate, group.line]);
    byCause.set(id, [...(byCause.get(id) ?? []), group]);
  }
  return [...byCause.values()].flatMap((groups) => merged(mapping, groups, all) ?? []);
}

/** Groups that differ in what they follow from; their own rows' samples come first. */
function merged(mapping: string, groups: readonly RejectGroup[], all: readonly RejectGroup[]): Cause | null {
  const own = groups.filter(({ because }) => because === null);
  const [first] = [...own, ...groups];
  if (first === undefined) return null;
  const { because: _because, ...shown } = first;
  const name = `${mapping}: ${first.column ?? 'the row'}, ${first.rule}`;
  const follows = new Map<string, number>();
  for (const { because, count } of groups) {
    if (because !== null) follows.set(because, (follows.get(because) ?? 0) + count);
  }
  return {
    ...shown,
    mapping,
    count: sum(groups),
    follows: [...follows]
      .map(([because, count]) => ({ because, count }))
      .sort((left, right) => right.count - left.count),
    takes: sum(all.filter((group) => group.because === name)),
    samples: [...own, ...groups.filter(({ because }) => because !== null)]
      .flatMap(({ samples }) => samples)
      .slice(0, SAMPLES),
  };
}

const sum = (groups: readonly RejectGroup[]): number =>
  groups.reduce((total, group) => total + group.count, 0);
