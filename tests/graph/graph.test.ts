import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { components, cyclePath, reachable } from '../../engine/graph/graph.js';
import { edgesOf, graphs } from './arbitrary.js';

describe('components', () => {
  test.each([
    { name: 'no node', nodes: '', edges: '', gives: [] },
    { name: 'no edge: the order of the nodes', nodes: 'cab', edges: '', gives: ['c', 'a', 'b'] },
    { name: 'what is needed comes first', nodes: 'abc', edges: 'a>b b>c', gives: ['c', 'b', 'a'] },
    { name: 'a diamond', nodes: 'abcd', edges: 'a>b a>c b>d c>d', gives: ['d', 'b', 'c', 'a'] },
    { name: 'a node that needs itself', nodes: 'ab', edges: 'a>a', gives: ['a', 'b'] },
    { name: 'a circle of two', nodes: 'abc', edges: 'a>b b>a c>a', gives: ['ab', 'c'] },
    { name: 'two circles in a row', nodes: 'abcd', edges: 'a>b b>a b>c c>d d>c', gives: ['cd', 'ab'] },
    { name: 'an edge to a node that is not there', nodes: 'ab', edges: 'a>z b>a', gives: ['a', 'b'] },
    { name: 'the same edge twice', nodes: 'ab', edges: 'a>b a>b', gives: ['b', 'a'] },
  ])('$name', ({ nodes, edges, gives }) => {
    expect(components(Array.from(nodes), edgesOf(edges)).map((c) => [...c].sort().join(''))).toEqual(gives);
  });

  it('puts every node into one component, each behind all that it needs', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const found = components(nodes, edges);
        expect(found.flat().sort()).toEqual([...nodes].sort());
        const place = new Map(found.flatMap((component, n) => component.map((node) => [node, n] as const)));
        for (const { from, to } of edges) {
          expect(place.get(to) ?? Infinity).toBeLessThanOrEqual(place.get(from) ?? -1);
        }
      }),
    );
  });

  it('puts two nodes into one component exactly when each reaches the other', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const found = components(nodes, edges);
        const mutual = (a: string, b: string): boolean =>
          a === b || (reachable([a], edges).has(b) && reachable([b], edges).has(a));
        for (const a of nodes) {
          const mine = found.find((component) => component.includes(a)) ?? [];
          expect([...mine].sort()).toEqual(nodes.filter((b) => mutual(a, b)));
        }
      }),
    );
  });

  it('a chain of 1,000 nodes is no problem', () => {
    const nodes = Array.from({ length: 1000 }, (_, n) => String(n));
    const edges = nodes.slice(1).map((from, n) => ({ from: String(n), to: from }));
    expect(components(nodes, edges).flat()).toEqual([...nodes].reverse());
  });
});

describe('cyclePath', () => {
  test.each([
    { name: 'a node with itself', start: 'a', members: 'a', edges: 'a>a', gives: 'a a' },
    { name: 'two nodes', start: 'a', members: 'ab', edges: 'a>b b>a', gives: 'a b a' },
    { name: 'the shortest way', start: 'a', members: 'abcd', edges: 'a>b b>c c>d d>a b>a', gives: 'a b a' },
    {
      name: 'inside the members alone',
      start: 'a',
      members: 'abc',
      edges: 'a>x x>a a>b b>c c>a',
      gives: 'a b c a',
    },
    {
      name: 'in the direction of the edges',
      start: 'b',
      members: 'abc',
      edges: 'a>b b>c c>a',
      gives: 'b c a b',
    },
    {
      name: 'not by its own edge in a larger circle',
      start: 'a',
      members: 'ab',
      edges: 'a>a a>b b>a',
      gives: 'a b a',
    },
    { name: 'no circle', start: 'a', members: 'ab', edges: 'a>b', gives: 'a' },
  ])('$name', ({ start, members, edges, gives }) => {
    expect(cyclePath(start, Array.from(members), edgesOf(edges)).join(' ')).toBe(gives);
  });

  it('walks along edges from the start back to it', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        for (const circle of components(nodes, edges).filter((component) => component.length > 1)) {
          const [start = ''] = circle;
          const path = cyclePath(start, circle, edges);
          expect([path[0], path.at(-1)]).toEqual([start, start]);
          expect(path.length).toBeGreaterThan(1);
          const walked = path.slice(1).map((to, n) => ({ from: path[n] ?? '', to }));
          for (const { from, to } of walked) {
            expect(edges.some((edge) => edge.from === from && edge.to === to)).toBe(true);
          }
        }
      }),
    );
  });
});

describe('reachable', () => {
  test.each([
    { name: 'nothing from nothing', starts: '', edges: 'a>b', gives: '' },
    { name: 'all that is needed, itself not', starts: 'a', edges: 'a>b b>c d>a', gives: 'bc' },
    { name: 'from several', starts: 'ad', edges: 'a>b d>e', gives: 'be' },
    { name: 'a start that another one needs', starts: 'ab', edges: 'a>b b>c', gives: 'bc' },
    { name: 'itself where it is in a circle', starts: 'a', edges: 'a>b b>a', gives: 'ab' },
    { name: 'itself where it needs itself', starts: 'a', edges: 'a>a', gives: 'a' },
  ])('$name', ({ starts, edges, gives }) => {
    expect([...reachable(Array.from(starts), edgesOf(edges))].sort().join('')).toBe(gives);
  });

  it('is closed: what is reached brings all that it needs', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const seen = reachable(nodes.slice(0, 1), edges);
        const inside = new Set([...nodes.slice(0, 1), ...seen]);
        for (const { from, to } of edges) if (inside.has(from)) expect(seen.has(to)).toBe(true);
      }),
    );
  });
});
