import { cells } from './text/width.js';
import type { Graph, GraphEdge, GraphNode } from './graph.js';

/** A graph with places, in pixels from the upper left corner. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly (GraphNode & Box & Pick<NodeText, 'lines'>)[];
  readonly edges: readonly (GraphEdge & { readonly points: readonly Point[] })[];
}

/** `x` and `y` are the upper left corner. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What stands in a node: the name, and a line about it. */
export interface NodeText {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Graphviz counts in inches. */
const INCH = 72;
const HEIGHT = 46;
/** Of a letter in the two sizes of text that nodes have. */
const WIDE = 7.8;
const SMALL = 6.6;
/** Room around the drawing, for the strokes of its edges. */
const MARGIN = 6;

/**
 * Places nodes and edges from left to right. Only numbers go into Graphviz' language, never a name.
 * @param textOf what a node shows; its box is as wide as that
 */
export async function layOut(graph: Graph, textOf: (node: GraphNode) => readonly string[]): Promise<Drawing> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  const lines = graph.nodes.map(textOf);
  return drawingOf(graph, lines, graphviz.layout(dotOf(graph, lines), 'plain', 'dot'));
}

function dotOf({ nodes, edges }: Graph, lines: readonly (readonly string[])[]): string {
  const place = new Map(nodes.map(({ name }, n) => [name, n]));
  const boxes = nodes.map((_, n) => {
    const [first = '', ...others] = lines[n] ?? [];
    const widths = [cells(first) * WIDE, ...others.map((line) => cells(line) * SMALL)];
    return `n${String(n)} [width=${((Math.max(...widths) + 26) / INCH).toFixed(3)}];`;
  });
  const ways = edges.map(({ from, to, kind }) => {
    // What a second pass closes would turn the picture round.
    const free = kind === 'pass' ? ' [constraint=false]' : '';
    return `n${String(place.get(from))} -> n${String(place.get(to))}${free};`;
  });
  const height = (HEIGHT / INCH).toFixed(3);
  return `digraph { rankdir=LR; nodesep=0.16; ranksep=0.42;
    node [shape=box fixedsize=true label="" height=${height}]; edge [arrowhead=none];
    ${boxes.join('\n')} ${ways.join('\n')} }`;
}

/** @param plain Graphviz' `plain` format: a line each for the graph, its nodes and its edges, y upwards */
function drawingOf(graph: Graph, lines: readonly (readonly string[])[], plain: string): Drawing {
  const words = plain.split('\n').map((line) => line.split(' '));
  const [, , width = 0, height = 0] = (words[0] ?? []).map(Number);
  const point = (x: number | undefined, y: number | undefined): Point => ({
    x: (x ?? 0) * INCH + MARGIN,
    y: (height - (y ?? 0)) * INCH + MARGIN,
  });
  const indexOf = (name: string | undefined): number => Number((name ?? '').slice(1));
  const nodes = words
    .filter(([kind]) => kind === 'node')
    .flatMap(([, name, ...numbers]) => {
      const n = indexOf(name);
      const node = graph.nodes[n];
      if (node === undefined) return [];
      const [x, y, w = 0, h = 0] = numbers.slice(0, 4).map(Number);
      const middle = point(x, y);
      const box = { width: w * INCH, height: h * INCH };
      return [
        {
          ...node,
          ...box,
          lines: lines[n] ?? [],
          x: middle.x - box.width / 2,
          y: middle.y - box.height / 2,
        },
      ];
    });
  const edges = words
    .filter(([kind]) => kind === 'edge')
    .flatMap(([, tail, head, count, ...numbers]) => {
      const [from, to] = [graph.nodes[indexOf(tail)]?.name, graph.nodes[indexOf(head)]?.name];
      const edge = graph.edges.find((each) => each.from === from && each.to === to);
      if (edge === undefined) return [];
      const at = numbers.slice(0, 2 * Number(count)).map(Number);
      return [{ ...edge, points: at.flatMap((x, n) => (n % 2 === 0 ? [point(x, at[n + 1])] : [])) }];
    });
  return { width: width * INCH + 2 * MARGIN, height: height * INCH + 2 * MARGIN, nodes, edges };
}
