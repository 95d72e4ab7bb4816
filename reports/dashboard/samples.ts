import type { DashboardSample } from '../../engine/contract/dashboard.js';
import { bytes, count } from '../format.js';
import { chart, type Series } from './chart.js';
import { h, type Child } from './dom.js';

/**
 * Throughput and memory over time. A fall of the counter is a run that was gone on with: the line breaks there.
 * @param startedAt of the mapping, when nothing was read yet
 */
export function sampleCharts(taken: readonly DashboardSample[], startedAt: string | null): Child {
  const samples = withStart(taken, startedAt);
  const drawn = [
    chart({
      name: 'Throughput',
      unit: 'rows read a second',
      tone: 'busy',
      spell: whole,
      points: speed(samples, 'read'),
    }),
    chart({
      name: 'Sent to the target',
      unit: 'bytes a second',
      tone: 'busy',
      spell: (value) => bytes(Math.round(value)),
      points: speed(samples, 'bytes'),
    }),
    chart({
      name: 'Memory',
      unit: 'of the process',
      tone: 'idle',
      spell: (value) => bytes(Math.round(value)),
      points: samples.map(({ at, memory }) => ({ at: Date.parse(at), value: memory })),
    }),
  ].filter((each) => each !== null);
  return drawn.length === 0 ? null : h('div.charts', null, drawn);
}

/** Of a short load the first sample has everything: without its beginning it would look as if nothing had moved. */
function withStart(
  samples: readonly DashboardSample[],
  startedAt: string | null,
): readonly DashboardSample[] {
  const [first] = samples;
  if (first === undefined || startedAt === null || startedAt >= first.at) return samples;
  return [{ ...first, at: startedAt, read: 0, written: 0, rejected: 0, bytes: 0 }, ...samples];
}

const whole = (value: number): string => count(Math.round(value));

/** From the beginning to the last sample that brought anything: what comes then are second passes and checks. */
function speed(samples: readonly DashboardSample[], of: 'read' | 'bytes'): Series['points'] {
  const points = samples.slice(1).map((sample, n) => {
    const before = samples[n] ?? sample;
    const seconds = (Date.parse(sample.at) - Date.parse(before.at)) / 1000;
    const more = sample[of] - before[of];
    return { at: Date.parse(sample.at), value: seconds <= 0 || more < 0 ? null : more / seconds };
  });
  const moving = points.slice(0, points.findLastIndex(({ value }) => value !== null && value > 0) + 1);
  const [start, first] = [samples[0], moving[0]];
  return start === undefined || first === undefined
    ? []
    : [{ ...first, at: Date.parse(start.at) }, ...moving];
}
