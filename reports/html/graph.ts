import type { MappingResult } from '../../engine/contract/result.js';
import { count, counted, visible } from '../format.js';
import { graphOf, type GraphNode } from '../graph.js';
import { layOut, type Drawing, type Point } from '../graph-layout.js';
import type { Report } from '../report.js';
import { cutMiddle } from '../text/width.js';
import { section } from './table.js';
import { html, type Html } from './template.js';

/** Cells of a mapping's name at the most. */
const NAME = 34;

/** Pixels that the page has for it: a wider graph is scaled down, as far as its text stays readable. */
const PAGE = 1040;
const SMALLEST = 0.75;

/** Signs that tell the states apart without colour. */
const MARKS: Readonly<Record<MappingResult['status'], readonly [mark: string, tone: string]>> = {
  succeeded: ['✓', 'good'],
  failed: ['✗', 'bad'],
  interrupted: ['!', 'bad'],
  not_run: ['–', 'idle'],
};

const INTRO =
  'An arrow leads from the mapping whose rows are needed to the one that needs them; a dashed one is closed by a ' +
  'second pass.';

/** Which mapping needs which, and how each ended. */
export async function graphSection({ result }: Report): Promise<Html> {
  const graph = graphOf(result);
  if (graph.edges.length === 0)
    return section('graph', 'Dependencies', 'No mapping needs another one.', null);
  try {
    return section('graph', 'Dependencies', INTRO, picture(await layOut(graph, linesOf)));
  } catch (error) {
    // The report is written whatever becomes of its picture.
    const why = error instanceof Error ? error.message : String(error);
    return section('graph', 'Dependencies', `The graph could not be drawn: ${why}`, null);
  }
}

function linesOf({ name, result }: GraphNode): readonly string[] {
  const shown = cutMiddle(visible(name), NAME);
  if (result === null) return [shown, 'not in this run'];
  const [mark] = MARKS[result.status];
  if (result.status === 'not_run') return [`${mark} ${shown}`, 'not run'];
  const loaded = counted(result.inserted + result.updated + result.unchanged, 'row');
  return [
    `${mark} ${shown}`,
    result.rejected === 0 ? loaded : `${loaded}, ${count(result.rejected)} rejected`,
  ];
}

function picture({ width, height, nodes, edges }: Drawing): Html {
  const [w, h] = [round(width), round(height)];
  const shown = width <= PAGE ? 1 : Math.max(PAGE / width, SMALLEST);
  return html`<div class="scroll graph" role="region" tabindex="0" aria-label="Dependency graph">
    <svg
      width="${round(w * shown)}"
      height="${round(h * shown)}"
      viewBox="0 0 ${w} ${h}"
      role="img"
      aria-label="Dependencies of the mappings"
    >
      ${edges.map(
        ({ kind, points }) =>
          html`<path class="${kind}" d="${curve(points)}" /><path class="tip" d="${tip(points)}" />`,
      )}
      ${nodes.map(node)}
    </svg>
  </div>`;
}

function node({ x, y, width, height, lines, result }: Drawing['nodes'][number]): Html {
  const [first = '', second = ''] = lines;
  const tone = result === null ? 'outside' : MARKS[result.status][1];
  const rejected = result !== null && result.rejected > 0 ? 'warn' : '';
  const middle = round(x + width / 2);
  return html`<g class="${tone}">
    <rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="5" />
    <text class="name" x="${middle}" y="${round(y + 19)}">${first}</text>
    <text class="${rejected}" x="${middle}" y="${round(y + 36)}">${second}</text>
  </g>`;
}

/** A cubic B-spline as Graphviz gives it: one point, then three for each piece. */
function curve([first, ...others]: readonly Point[]): string {
  const at = ({ x, y }: Point): string => `${String(round(x))} ${String(round(y))}`;
  return first === undefined ? '' : `M${at(first)} C${others.map(at).join(' ')}`;
}

/** The arrow's head, in the direction in which the curve ends. */
function tip(points: readonly Point[]): string {
  const [end, before] = [points.at(-1), points.at(-2)];
  if (end === undefined || before === undefined) return '';
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [dx, dy] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const corner = (side: number): string =>
    `${String(round(end.x - 8 * dx - side * 3.5 * dy))} ${String(round(end.y - 8 * dy + side * 3.5 * dx))}`;
  return `M${String(round(end.x))} ${String(round(end.y))} L${corner(1)} L${corner(-1)} Z`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
