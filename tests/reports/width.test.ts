import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cells, cut, cutMiddle, wrap } from '../../reports/text/width.js';

describe('widths in a terminal', () => {
  it.each([
    ['tasks', 5],
    ['日本', 4],
    ['e\u0301', 1],
    ['😀', 2],
  ])('%s takes %d cells', (text, wanted) => {
    expect(cells(text)).toBe(wanted);
  });

  it.each([
    [cut('template_view_groups', 8), 'templat…'],
    [cut('tasks', 5), 'tasks'],
    [cut('日本語', 4), '日…'],
    [cutMiddle('template_view_groups', 13), 'templa…groups'],
    [cutMiddle('tasks', 13), 'tasks'],
  ])('cuts to %s', (given, wanted) => {
    expect(given).toBe(wanted);
  });

  it('never exceeds the width, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect(cells(cut(text, width))).toBeLessThanOrEqual(width);
        expect(cells(cutMiddle(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('wraps without losing a word', () => {
    const text = 'tasks failed: the source closed the connection';
    const lines = wrap(text, 16);
    expect(lines.join(' ')).toBe(text);
    expect(Math.max(...lines.map(cells))).toBeLessThanOrEqual(16);
  });
});
