/** Work that is to be done, or is being done. */
export interface Work {
  /** The mapping that it is part of. */
  readonly mapping: string;
  /** From now on; 0 where it is done, null where nobody knows. */
  readonly seconds: number | null;
  readonly state: 'done' | 'running' | 'waiting';
  /** Places of what has to be done before. */
  readonly needs: readonly number[];
}

/** When it will be done, if `jobs` works go on at a time. */
export interface Course {
  /** From now on; null where something that is to be done is of unknown length. */
  readonly seconds: number | null;
  /** Places of the works that it hangs on, in their order; unknown lengths count nothing. */
  readonly path: readonly number[];
}

interface Ending {
  readonly at: number;
  /** The work whose end let this one begin; null where it goes on already, or could begin now. */
  readonly behind: number | null;
}

/** The course of works that begin, as `run/schedule.ts` begins them, in the order in which they become ready. */
export function simulate(works: readonly Work[], jobs: number): Course {
  const endings = new Map<number, Ending>();
  const running = new Map<number, Ending>();
  const queue = new Readiness(works);
  works.forEach(({ state, seconds }, n) => {
    if (state === 'done') endings.set(n, { at: 0, behind: null });
    if (state === 'running') running.set(n, { at: seconds ?? 0, behind: null });
  });
  for (const n of endings.keys()) queue.ended(n);
  let now = 0;
  let behind: number | null = null;
  for (;;) {
    while (running.size < Math.max(1, jobs)) {
      const n = queue.next();
      if (n === null) break;
      running.set(n, { at: now + (works[n]?.seconds ?? 0), behind });
    }
    const next = [...running].reduce<readonly [number, Ending] | null>(
      (first, each) => (first === null || each[1].at < first[1].at ? each : first),
      null,
    );
    if (next === null) break;
    const [done, ending] = next;
    running.delete(done);
    endings.set(done, ending);
    queue.ended(done);
    now = ending.at;
    behind = done;
  }
  const isKnown = works.every(({ state, seconds }) => state === 'done' || seconds !== null);
  return { seconds: isKnown ? now : null, path: pathTo(works, endings) };
}

/** Works that wait, and those that need not wait any more, in their order. */
class Readiness {
  private readonly missing: number[];
  private readonly dependants = new Map<number, number[]>();
  private readonly ready: number[] = [];

  constructor(private readonly works: readonly Work[]) {
    this.missing = works.map(({ needs }) => needs.length);
    works.forEach(({ needs, state }, n) => {
      for (const need of needs) {
        const list = this.dependants.get(need);
        if (list === undefined) this.dependants.set(need, [n]);
        else list.push(n);
      }
      if (needs.length === 0 && state === 'waiting') this.ready.push(n);
    });
  }

  ended(work: number): void {
    for (const n of this.dependants.get(work) ?? []) {
      const left = (this.missing[n] ?? 1) - 1;
      this.missing[n] = left;
      if (left === 0 && this.works[n]?.state === 'waiting') this.ready.push(n);
    }
  }

  next(): number | null {
    return this.ready.shift() ?? null;
  }
}

/** From what ends last back to what it began behind. */
function pathTo(works: readonly Work[], endings: ReadonlyMap<number, Ending>): readonly number[] {
  let last: number | null = null;
  for (const [n, { at }] of endings) {
    if (works[n]?.state !== 'done' && (last === null || at >= (endings.get(last)?.at ?? 0))) last = n;
  }
  const path: number[] = [];
  for (let at = last; at !== null && !path.includes(at); at = endings.get(at)?.behind ?? null)
    path.unshift(at);
  return path;
}
