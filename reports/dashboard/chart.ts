import { h, s, type Child } from './dom.js';

/** Values over time; null breaks the line. */
export interface Series {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly { readonly at: number; readonly value: number | null }[];
  /** A value as text, for the axis and the table. */
  readonly spell: (value: number) => string;
  readonly tone: string;
}

/** Rows of the table beside a chart: more would be read by nobody. */
const TOLD = 24;

/**
 * A line over time with axes, and the same as a table for those who cannot see it. The line is measured in the chart's own
 * units and stretched, the labels stand outside: so they keep their size on every page.
 */
export function chart(series: Series): Child {
  const known = series.points.filter(({ value }) => value !== null);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || last.at === first.at) return null;
  const top = ceiling(Math.max(...known.map(({ value }) => value ?? 0)));
  const span = last.at - first.at;
  const x = (at: number): number => ((at - first.at) / span) * 1000;
  const y = (value: number): number => 100 - (value / top) * 100;
  return h(
    'figure.chart',
    null,
    h('figcaption', null, series.name, h('span.soft', null, ` ${series.unit}`)),
    h(
      'div.plot',
      { 'aria-hidden': 'true' },
      h(
        'div.scale',
        null,
        h('span', null, series.spell(top)),
        h('span', null, top > 1 ? series.spell(top / 2) : ''),
        h('span', null, '0'),
      ),
      s(
        'svg',
        { viewBox: '0 0 1000 100', preserveAspectRatio: 'none', height: 110 },
        [0, 50, 100].map((line) => s('line', { x1: 0, x2: 1000, y1: line, y2: line })),
        s(`path.${series.tone}`, { d: lineOf(series, x, y) }),
      ),
      h(
        'div.times',
        null,
        [0, 0.25, 0.5, 0.75, 1].map((part) => h('span', null, clock(first.at + span * part))),
      ),
    ),
    h(
      'details',
      null,
      h('summary', null, `${series.name} as a table`),
      h(
        'table',
        null,
        h(
          'thead',
          null,
          h('tr', null, h('th', { scope: 'col' }, 'Time (UTC)'), h('th.n', { scope: 'col' }, series.unit)),
        ),
        h(
          'tbody',
          null,
          thinned(known).map(({ at, value }) =>
            h('tr', null, h('td', null, clock(at)), h('td.n', null, series.spell(value ?? 0))),
          ),
        ),
      ),
    ),
  );
}

function lineOf({ points }: Series, x: (at: number) => number, y: (value: number) => number): string {
  let pen = 'M';
  return points
    .flatMap(({ at, value }) => {
      if (value === null) {
        pen = 'M';
        return [];
      }
      const move = `${pen}${x(at).toFixed(1)} ${y(value).toFixed(2)}`;
      pen = 'L';
      return [move];
    })
    .join('');
}

const thinned = <T>(list: readonly T[]): readonly T[] => {
  const every = Math.ceil(list.length / TOLD);
  return list.filter((_, n) => n % every === 0 || n === list.length - 1);
};

/** The next of 1, 2, 5 × a power of ten. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

const clock = (at: number): string => new Date(at).toISOString().slice(11, 19);
