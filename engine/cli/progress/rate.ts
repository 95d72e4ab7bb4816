/** Rows a second over the last {@link WINDOW_MS}: a run's average hides that it has slowed down. */
export interface Rate {
  /** `total` rows were done at `now` (milliseconds). */
  note: (total: number, now: number) => void;
  /** 0 where nothing was noted yet. */
  perSecond: (now: number) => number;
}

const WINDOW_MS = 5_000;
/** Notes closer than this are merged, so that a window holds at most 50. */
const STEP_MS = 100;

export function createRate(start: number): Rate {
  const notes = [{ at: start, total: 0 }];
  return {
    note(total, now) {
      const last = notes.at(-1);
      const before = notes.at(-2);
      if (last !== undefined && before !== undefined && last.at - before.at < STEP_MS) notes.pop();
      notes.push({ at: now, total });
      while ((notes[1]?.at ?? Infinity) <= now - WINDOW_MS) notes.shift();
    },
    perSecond(now) {
      const first = notes[0];
      const last = notes.at(-1);
      if (first === undefined || last === undefined || notes.length < 2) return 0;
      return ((last.total - first.total) / Math.max(STEP_MS, now - first.at)) * 1000;
    },
  };
}
