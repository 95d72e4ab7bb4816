import { describe, expect, it } from 'vitest';
import { createRate } from '../../engine/cli/progress/rate.js';

describe('rate', () => {
  it('is 0 before anything was noted', () => {
    expect(createRate(1_000).perSecond(9_000)).toBe(0);
  });

  it('is that of the last seconds, not of the whole run', () => {
    const rate = createRate(0);
    for (let second = 1; second <= 60; second += 1) rate.note(second * 100_000, second * 1000);
    expect(rate.perSecond(60_000)).toBe(100_000);
    for (let second = 61; second <= 70; second += 1)
      rate.note(6_000_000 + (second - 60) * 1000, second * 1000);
    expect(rate.perSecond(70_000)).toBe(1000);
  });

  it('falls while nothing comes', () => {
    const rate = createRate(0);
    rate.note(1000, 1000);
    expect(rate.perSecond(10_000)).toBe(100);
  });

  it('counts every row where events come faster than it keeps them', () => {
    const rate = createRate(0);
    for (let ms = 1; ms <= 4000; ms += 1) rate.note(ms * 10, ms);
    expect(rate.perSecond(4000)).toBe(10_000);
  });
});
