import { PLACES, spentBy, type Place, type Spent } from '../contract/spent.js';

type Milliseconds = Record<Place, number>;

const none = (): Milliseconds => ({ ...spentBy(() => 0) });

/**
 * Where the time of one stream of a mapping goes. It is told of changes of place alone, a few times a chunk and batch:
 * nothing of it is done, or allocated, for a row.
 */
export class Stopwatch {
  private readonly spent = none();
  /** Null: it stands still. */
  private place: Place | null = null;
  private since = 0;
  private pausedBefore = 0;

  /** @param paused milliseconds that the mapping has waited before retries: within a wait they count as `other` */
  constructor(
    private readonly paused: () => number = () => 0,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Goes on to a place; null stops it. @returns where it was */
  enter(place: Place | null): Place | null {
    const { place: before } = this;
    const now = this.now();
    this.charge(now);
    this.place = place;
    this.since = now;
    return before;
  }

  private charge(now: number): void {
    const { place, since, spent } = this;
    const paused = this.paused();
    const pauses = paused - this.pausedBefore;
    this.pausedBefore = paused;
    if (place === null) return;
    const time = now - since;
    // While rows are made nobody waits.
    const pause = place === 'program' ? 0 : Math.min(time, pauses);
    spent.other += pause;
    spent[place] += time - pause;
  }

  /** Does something in a place, and goes back to where it was. */
  async during<T>(place: Place, work: () => Promise<T>): Promise<T> {
    const before = this.enter(place);
    try {
      return await work();
    } finally {
      this.enter(before);
    }
  }

  /**
   * Waits for others of the mapping's streams: the time goes to their places, in proportion to what they spend in each
   * meanwhile.
   */
  async beside<T>(others: readonly Stopwatch[], work: () => Promise<T>): Promise<T> {
    const before = others.map((other) => other.read());
    const was = this.enter(null);
    const began = this.now();
    try {
      return await work();
    } finally {
      const time = this.now() - began;
      const after = others.map((other) => other.read());
      const meanwhile = (place: Place): number =>
        after.reduce((sum, spent, n) => sum + spent[place] - (before[n]?.[place] ?? 0), 0);
      const total = PLACES.reduce((sum, place) => sum + meanwhile(place), 0);
      if (total === 0) this.spent.other += time;
      else for (const place of PLACES) this.spent[place] += (time * meanwhile(place)) / total;
      this.enter(was);
    }
  }

  /** Until now, to a tenth of a millisecond. */
  read(): Spent {
    const { place } = this;
    this.enter(place);
    return spentBy((one) => Math.round(this.spent[one] * 10) / 10_000);
  }
}
