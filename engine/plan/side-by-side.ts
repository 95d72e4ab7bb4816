/** How much of a run is done at the same time. */
export interface SideBySide {
  /** Mappings. */
  readonly jobs: number;
  /** Key ranges of one mapping. */
  readonly ranges: number;
}

/** Key ranges that one process feeds at the most: the hot path alone makes about 400,000 rows a second (bench `hot`). */
export const MOST_RANGES = 4;

/** What a run opens beside its mappings: of the target the keeper, of a source the snapshot’s. */
export const BESIDE = 1;

/**
 * Sessions that the mappings at work have open at the most: each reads with one for a range, and with another one for
 * rows that it rejected before; it loads with one for a range, and asks for keys and ids with two more; and one more
 * looks at the rows that the target had, or puts constraints back.
 */
export const sessionsOf = (connection: string, { jobs, ranges }: SideBySide): number =>
  connection === 'target' ? jobs * (3 * ranges + 1) : jobs * (ranges + 1);

/**
 * The most that fits, at most what is wanted: fewer ranges go before fewer mappings. Null where not even one mapping in
 * one range does.
 */
export function mostThatFits(
  wanted: SideBySide,
  fits: (sideBySide: SideBySide) => boolean,
): SideBySide | null {
  for (let { jobs } = wanted; jobs > 0; jobs--) {
    for (let { ranges } = wanted; ranges > 0; ranges--) if (fits({ jobs, ranges })) return { jobs, ranges };
  }
  return null;
}
