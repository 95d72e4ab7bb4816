import fc from 'fast-check';
import type { OpenableEdge } from '../../engine/graph/open.js';

/** `a`, `b`, … */
const letters = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => String.fromCodePoint(97 + n));

/** A directed graph of up to 8 nodes with parallel edges and edges from a node to itself. */
export const graphs = fc.integer({ min: 1, max: 8 }).chain((count) => {
  const node = fc.constantFrom(...letters(count));
  const edge = fc.record({ from: node, to: node, openable: fc.boolean() });
  return fc.record({
    nodes: fc.constant(letters(count)),
    edges: fc.array(edge, { maxLength: 20 }) satisfies fc.Arbitrary<OpenableEdge[]>,
  });
});

/** `a>b b>c`: a needs b, b needs c; with `?` behind it the edge may be opened. */
export const edgesOf = (text: string): readonly OpenableEdge[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [from = '', to = ''] = word.replace('?', '').split('>');
      return { from, to, openable: word.endsWith('?') };
    });
