import type { Measured, Spent } from '../contract/spent.js';
import type { Retries } from './sessions/retries.js';
import { Stopwatch } from './stopwatch.js';

/** Milliseconds between two samples of a range, at first; doubled whenever there are too many of them. */
const INTERVAL = 1000;
const MOST_SAMPLES = 600;

/** When the samples of a range are due. */
class Sampling {
  private interval = INTERVAL;
  private count = 0;
  private last = -Infinity;

  /** To be asked when a sample could be taken; it counts as taken where it is due. */
  due(now: number): Pick<Measured, 'sample' | 'thin'> {
    if (now - this.last < this.interval) return { sample: false, thin: false };
    this.last = now;
    const thin = this.count >= MOST_SAMPLES;
    if (thin) {
      this.count = MOST_SAMPLES / 2;
      this.interval *= 2;
    }
    this.count++;
    return { sample: true, thin };
  }

  end(): void {
    this.last = -Infinity;
  }
}

interface Part {
  readonly watch: Stopwatch;
  readonly sampling: Sampling;
}

/** The meters of a run's mappings, each made when it is first asked for. */
export function metersOf(retriesOf: (mapping: string) => Retries): (mapping: string) => Meter {
  const meters = new Map<string, Meter>();
  return (mapping) => {
    const meter = meters.get(mapping) ?? new Meter(retriesOf(mapping));
    meters.set(mapping, meter);
    return meter;
  };
}

/** What is measured of one mapping in a run: at the boundaries of chunks, batches and stages, never of a row. */
export class Meter {
  /** Of each key range, from 0. */
  private readonly parts = new Map<number, Part>();

  constructor(private readonly retries: Retries) {}

  private part(partition: number): Part {
    let part = this.parts.get(partition);
    if (part === undefined) {
      part = { watch: new Stopwatch(() => this.retries.pausedMs), sampling: new Sampling() };
      this.parts.set(partition, part);
    }
    return part;
  }

  /** The mapping's own, and its first range's: what it has read in the end is the time of the mapping's steps. */
  get watch(): Stopwatch {
    return this.watchOf(0);
  }

  watchOf(partition: number): Stopwatch {
    return this.part(partition).watch;
  }

  /** Of the ranges beside the first. */
  get others(): readonly Stopwatch[] {
    return [...this.parts].filter(([partition]) => partition > 0).map(([, { watch }]) => watch);
  }

  get spent(): Spent {
    return this.watch.read();
  }

  /** What a range's checkpoint writes down. */
  measure(partition = 0): Measured {
    const { watch, sampling } = this.part(partition);
    return {
      spent: watch.read(),
      retries: partition === 0 ? this.retries.count : 0,
      memory: process.memoryUsage.rss(),
      ...sampling.due(performance.now()),
    };
  }

  /** What is left to write down of each range when its rows are loaded: a last sample of each is due. */
  last(): ReadonlyMap<number, Measured> {
    for (const { sampling } of this.parts.values()) sampling.end();
    return new Map([...this.parts.keys()].map((partition) => [partition, this.measure(partition)]));
  }
}
