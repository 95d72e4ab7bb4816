import type { DashboardCounts } from '../../engine/contract/dashboard.js';
import { count, share } from '../format.js';
import { h, s, type Child } from './dom.js';
import { FATES, unexplained, type Look } from './words.js';

/** The view's heading; it takes the focus when the view is opened. */
export const heading = (...children: readonly Child[]): HTMLElement =>
  h('h1', { tabindex: -1, id: 'title' }, ...children);

/** A part of a view with its heading; nothing where it has no content. */
export function section(title: string, intro: Child, ...children: readonly Child[]): HTMLElement | null {
  if (children.every((child) => child === null || (Array.isArray(child) && child.length === 0))) return null;
  const id = `part-${title.toLowerCase().replace(/\W+/g, '-')}`;
  return h(
    'section',
    { 'aria-labelledby': id, 'data-key': id },
    h('h2', { id }, title),
    intro === null ? null : h('p.intro', null, intro),
    ...children,
  );
}

/** A sentence that wants to be seen, in a tone. */
export const notice = (tone: Look['tone'], ...children: readonly Child[]): HTMLElement =>
  h(`div.notice.${tone}`, null, ...children);

/** A command to be run elsewhere: this page changes nothing. */
export const command = (text: string): HTMLElement =>
  h(
    'span.command',
    null,
    h('code', null, text),
    h(
      'button',
      { type: 'button', 'data-action': 'copy', 'data-text': text, 'aria-label': `Copy: ${text}` },
      'Copy',
    ),
  );

/** Names and values. */
export const facts = (list: readonly (readonly [name: string, value: Child])[]): HTMLElement =>
  h(
    'dl.facts',
    null,
    ...list
      .filter(([, value]) => value !== null && value !== '')
      .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))),
  );

/** Parts of a whole side by side, widths in per cent; for the eye alone, the figures stand beside it. */
export function stack(parts: readonly (readonly [tone: string, value: number])[], whole: number): SVGElement {
  let x = 0;
  const bars = parts.map(([tone, value]) => {
    const width = whole > 0 ? Math.min(100 - x, (value / whole) * 100) : 0;
    const bar = s(`rect.${tone}`, {
      x: `${x.toFixed(2)}%`,
      y: 0,
      width: `${width.toFixed(2)}%`,
      height: '100%',
    });
    x += width;
    return bar;
  });
  return s(
    'svg.stack',
    { 'aria-hidden': 'true', width: '100%', height: 8 },
    s('rect.rest', { width: '100%', height: '100%' }),
    bars,
  );
}

/** How far something is: a bar that also says it to those who do not see it. @param part 0 to 1, null: nobody knows */
export function progress(part: number | null, label: string): HTMLElement {
  const value = part === null ? null : Math.floor(part * 100);
  return h(
    'div.progress',
    {
      role: 'progressbar',
      'aria-label': label,
      'aria-valuemin': 0,
      'aria-valuemax': 100,
      'aria-valuenow': value,
      'aria-valuetext': value === null ? 'unknown' : `${value}%`,
    },
    stack([['busy', part ?? 0]], 1),
  );
}

/** Read = the fates of all rows, in figures and as a bar; it closes, or says by how much it does not. */
export function accounting(counts: DashboardCounts): HTMLElement {
  const left = unexplained(counts);
  const figure = (name: string, value: number): HTMLElement =>
    h(
      `div.figure.${name}`,
      null,
      h('dt', null, h('span.key', { 'aria-hidden': 'true' }), name),
      h(
        'dd',
        null,
        h(`span${value === 0 ? '.zero' : ''}`, null, count(value)),
        h('small', null, share(value, counts.read)),
      ),
    );
  return h(
    'div.accounting',
    null,
    stack(
      FATES.map((fate) => [fate, counts[fate]]),
      counts.read,
    ),
    h(
      'dl',
      null,
      h('div.figure', null, h('dt', null, 'read'), h('dd', null, count(counts.read))),
      FATES.map((fate) => figure(fate, counts[fate])),
      h(
        `div.figure${left === 0 ? '.closed' : '.open'}`,
        null,
        h('dt', null, 'unexplained'),
        h(
          'dd',
          null,
          count(left),
          h('small', null, left === 0 ? 'the accounting closes' : 'rows without a fate'),
        ),
      ),
    ),
  );
}
