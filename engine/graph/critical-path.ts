/** One of several works that needed each other. Times in milliseconds, from any one moment on. */
export interface Ran {
  readonly name: string;
  /** Of the phase that it was in: all of a lower rank came before it. */
  readonly rank: number;
  /** Names of works; others than those given are passed over. */
  readonly needs: readonly string[];
  readonly began: number;
  readonly ended: number;
}

/**
 * Names of the works that the length of the whole hung on, in their order: from the one that ended last back to what it had
 * waited for, which is whatever ended last of the works that it needs and of those of lower rank.
 */
export function criticalPath(ran: readonly Ran[]): readonly string[] {
  const path: Ran[] = [];
  for (let at = latest(ran); at !== null && !path.includes(at); at = latest(waitedFor(at, ran))) {
    path.unshift(at);
  }
  return path.map(({ name }) => name);
}

const waitedFor = ({ began, needs, rank }: Ran, ran: readonly Ran[]): readonly Ran[] =>
  ran.filter((other) => other.began <= began && (needs.includes(other.name) || other.rank < rank));

const latest = (ran: readonly Ran[]): Ran | null =>
  ran.reduce<Ran | null>((last, each) => (last === null || each.ended > last.ended ? each : last), null);
