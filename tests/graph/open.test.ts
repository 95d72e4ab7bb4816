import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { components, type Edge } from '../../engine/graph/graph.js';
import { openCycles } from '../../engine/graph/open.js';
import { edgesOf, graphs } from './arbitrary.js';

const show = (edges: readonly Edge[]): string => edges.map(({ from, to }) => `${from}>${to}`).join(' ');
const circles = (nodes: readonly string[], edges: readonly Edge[]): readonly (readonly string[])[] =>
  components(nodes, edges).filter((c) => c.length > 1);

describe('openCycles', () => {
  test.each([
    { name: 'no circle', edges: 'a>b? b>c?', opened: '', closed: [] },
    { name: 'a node with itself', edges: 'a>a?', opened: 'a>a', closed: [] },
    { name: 'a node with itself that cannot', edges: 'a>a', opened: '', closed: ['a'] },
    { name: 'two columns to itself, both', edges: 'a>a? a>a?', opened: 'a>a a>a', closed: [] },
    { name: 'two nodes, the one edge that can', edges: 'a>b b>a?', opened: 'b>a', closed: [] },
    { name: 'two nodes, neither can', edges: 'a>b b>a', opened: '', closed: ['ab'] },
    { name: 'both columns that point back', edges: 'a>b? a>b? b>a', opened: 'a>b a>b', closed: [] },
    { name: 'the one that is on two circles', edges: 'a>b? b>c? c>a? a>d? d>c?', opened: 'c>a', closed: [] },
    { name: 'two circles apart', edges: 'a>b? b>a c>d d>c?', opened: 'a>b d>c', closed: [] },
    { name: 'one circle opens, one does not', edges: 'a>b? b>a c>d d>c', opened: 'a>b', closed: ['cd'] },
    { name: 'itself beside a larger circle', edges: 'a>a? a>b b>a?', opened: 'a>a b>a', closed: [] },
  ])('$name', ({ edges, opened, closed }) => {
    const found = openCycles(Array.from('abcd'), edgesOf(edges));
    expect(show(found.opened)).toBe(opened);
    expect(found.closed.map((circle) => [...circle].sort().join(''))).toEqual(closed);
  });

  it('opens only what may be opened, and leaves no circle but those that it names', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const { opened, closed } = openCycles(nodes, edges);
        for (const edge of opened) expect(edge.openable).toBe(true);
        const rest = edges.filter((edge) => !opened.includes(edge));
        const named = (circle: readonly string[]): boolean =>
          closed.some((names) => names.length > 1 && names.some((name) => circle.includes(name)));
        for (const circle of circles(nodes, rest)) expect(named(circle)).toBe(true);
        for (const { from, to } of rest) {
          if (from === to) expect(closed.some((c) => c.length === 1 && c[0] === from)).toBe(true);
        }
        for (const names of closed) {
          const stiff = edges.filter((edge) => !edge.openable && names.includes(edge.from));
          const among = names.length === 1 ? stiff.filter((e) => e.from === e.to) : stiff;
          expect(among.length).toBeGreaterThan(0);
          expect(names.length === 1 || circles(names, stiff).length > 0).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('opens no edge for nothing: each one back would close a circle', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const { opened, closed } = openCycles(nodes, edges);
        fc.pre(closed.length === 0);
        const rest = edges.filter((edge) => !opened.includes(edge));
        for (const edge of opened) {
          if (edge.from !== edge.to) expect(circles(nodes, [...rest, edge])).not.toEqual([]);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
