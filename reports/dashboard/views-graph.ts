import type { DashboardRun, DashboardStep } from '../../engine/contract/dashboard.js';
import { count, counted } from '../format.js';
import { adoptSvg } from './adopt-svg.js';
import { api } from './api.js';
import { h, s, type Child } from './dom.js';
import { partOf } from './outlook.js';
import { heading } from './parts.js';
import { mappingLink } from './route.js';
import type { Open } from './view.js';
import { badge, LOOKS, lookOf } from './words.js';

/** Pixels for a pixel of the drawing; null fits it into the page. Kept while the page is open. */
let zoom: number | null = null;
const STEPS = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8] as const;

/** @param direction 1 nearer, -1 farther, 0 as wide as the page */
export function zoomGraph(direction: 1 | -1 | 0): void {
  if (direction === 0) {
    zoom = null;
    return;
  }
  const box = document.querySelector('.graph svg');
  const width = Number(box?.getAttribute('data-width') ?? 0);
  const now = zoom ?? (box === null || width === 0 ? 1 : box.getBoundingClientRect().width / width);
  const next =
    direction === 1 ? STEPS.find((step) => step > now * 1.05) : STEPS.findLast((step) => step < now * 0.95);
  zoom = next ?? now;
}

/** Which mapping needs which, coloured by state; each is a link to its mapping. */
export const openGraph: Open = async ({ run: name }) => {
  const [first, { svg }] = await Promise.all([api.run(name), api.graph(name)]);
  const drawing = adoptSvg(svg);
  return {
    title: `Graph of ${first.run.run}`,
    renew: null,
    draw: ({ live }) => {
      const run = live?.run.run === first.run.run ? live : first;
      const hasOutside = drawing.querySelector('g[data-outside]') !== null;
      return [heading('Graph'), legend(run, hasOutside), toolbar(), picture(drawing, run)];
    },
  };
};

function legend({ mappings }: DashboardRun, hasOutside: boolean): Child {
  const there = new Set(mappings.map(({ status }) => status));
  const shown = Object.keys(LOOKS).filter((status) => there.has(status));
  return h(
    'ul.legend',
    { 'aria-label': 'Legend' },
    shown.map((status) =>
      h(
        'li',
        null,
        badge(lookOf(status)),
        ` ${String(mappings.filter((step) => step.status === status).length)}`,
      ),
    ),
    h(
      'li',
      null,
      h('span.badge.bad', null, h('span.sign', { 'aria-hidden': 'true' }, '◔'), ' has rejected rows'),
    ),
    hasOutside
      ? h(
          'li',
          null,
          h(
            'span.badge.outside',
            null,
            h('span.sign', { 'aria-hidden': 'true' }, '▤'),
            ' a table that no mapping loads',
          ),
        )
      : null,
    h(
      'li.soft',
      null,
      'An arrow leads from the mapping whose rows are needed to the one that needs them; a dashed one is closed by a second pass.',
    ),
  );
}

const toolbar = (): Child =>
  h(
    'p.tools',
    null,
    h('button', { type: 'button', 'data-action': 'zoom', 'data-text': '-1', 'aria-label': 'Zoom out' }, '−'),
    h('button', { type: 'button', 'data-action': 'zoom', 'data-text': '1', 'aria-label': 'Zoom in' }, '+'),
    h('button', { type: 'button', 'data-action': 'zoom', 'data-text': '0' }, 'Fit the page'),
  );

function picture(drawing: SVGElement, run: DashboardRun): Child {
  const svg = drawing.cloneNode(true) as SVGElement;
  const [, , width = 0, height = 0] = (svg.getAttribute('viewBox') ?? '').split(/[\s,]+/).map(Number);
  svg.setAttribute('data-width', String(width));
  svg.setAttribute('width', zoom === null ? '100%' : String(width * zoom));
  if (zoom === null) svg.removeAttribute('height');
  else svg.setAttribute('height', String(height * zoom));
  svg.setAttribute('role', 'group');
  svg.setAttribute('aria-label', 'Graph of mappings');
  const steps = new Map(run.mappings.map((step) => [step.mapping, step]));
  for (const node of [...svg.querySelectorAll('g[data-mapping]')]) {
    const name = node.getAttribute('data-mapping') ?? '';
    dress(node, name, steps.get(name) ?? null, run.run.run);
  }
  for (const node of [...svg.querySelectorAll('g[data-outside]')]) dressOutside(node);
  return h('div.scroll.graph', { role: 'region', tabindex: 0, 'aria-label': 'Graph' }, svg);
}

/** Colours a node, gives it its sign, how far it is, and a link round it. */
function dress(node: Element, name: string, step: DashboardStep | null, run: string): void {
  for (const title of [...node.querySelectorAll('title')]) title.remove();
  const look = step === null ? null : lookOf(step.status);
  node.setAttribute('class', `node ${look?.tone ?? 'outside'}`);
  const link = s(
    'a',
    { href: mappingLink(run, name), 'aria-label': spoken(name, step) },
    s('title', null, spoken(name, step)),
    [...node.childNodes],
  );
  const box = corner(link);
  node.replaceChildren(link);
  if (box === null || look === null || step === null) return;
  const { x, y, width, height } = boxOf(box);
  const part = step.status === 'running' ? partOf(step) : null;
  if (part !== null) link.append(s('rect.bar', { x, y: y + height - 3, width: width * part, height: 3 }));
  link.append(sign(x, y, look.mark, look.tone));
  if (step.rejected > 0) link.append(sign(x + width, y, '◔', 'bad'));
}

/** A table that look-ups read and no mapping loads: nothing of the run is to be told of it. */
function dressOutside(node: Element): void {
  for (const title of [...node.querySelectorAll('title')]) title.remove();
  const words = `${node.getAttribute('data-outside') ?? ''}: a table that no mapping loads`;
  node.setAttribute('class', 'node outside');
  node.setAttribute('role', 'img');
  node.setAttribute('aria-label', words);
  node.prepend(s('title', null, words));
}

const sign = (x: number, y: number, mark: string, tone: string): SVGElement =>
  s(`g.sign.${tone}`, null, s('circle', { cx: x, cy: y, r: 6.5 }), s('text', { x, y: y + 3.2 }, mark));

function spoken(name: string, step: DashboardStep | null): string {
  if (step === null) return `${name}: not in this run`;
  const part = step.status === 'running' ? partOf(step) : null;
  const far = part === null ? '' : `, ${String(Math.floor(part * 100))}%`;
  const rejected = step.rejected === 0 ? '' : `, ${count(step.rejected)} rejected`;
  return `${name}: ${lookOf(step.status).word}${far}, ${counted(step.read, 'row')} read${rejected}`;
}

const corner = (node: Element): string | null => {
  const shape = node.querySelector('path, polygon');
  return shape?.getAttribute('d') ?? shape?.getAttribute('points') ?? null;
};

/** The box round a path's numbers, which come in pairs. */
function boxOf(path: string): {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
} {
  const numbers = (path.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
  const xs = numbers.filter((_, n) => n % 2 === 0);
  const ys = numbers.filter((_, n) => n % 2 === 1);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
