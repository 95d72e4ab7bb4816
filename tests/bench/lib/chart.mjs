const WIDTH = 760;
const LEFT = 130;
const RIGHT = 150;
const TOP = 46;
const ROW = 30;
const BAR = 13;

// Each has a contrast of 4.5 or nearly so on white and on black.
const TEXT = '#767676';
const OURS = '#c2571a';
const OTHERS = '#3d7fb5';

const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** 1, 2 or 5 of a power of ten, so that about five lines stand. */
function stepOf(most) {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
}

const text = (x, y, content, more = '') => `<text x="${x}" y="${y}" ${more}>${escape(content)}</text>`;

/** From the fastest to the slowest run, below the bar: on it, it would need a colour that shows on three grounds. */
function rangeOf({ min, max }, y, x) {
  const [from, to] = [x(min).toFixed(1), x(max).toFixed(1)];
  const ends = `M${from} ${y - 3}v6M${to} ${y - 3}v6`;
  return `<path d="M${from} ${y}H${to}${ends}" stroke="${TEXT}" stroke-width="1.5"/>`;
}

function barOf({ name, median, min, max, ours }, index, x) {
  const y = TOP + index * ROW + 6;
  const width = (x(median) - LEFT).toFixed(1);
  return [
    text(LEFT - 8, y + 11, name, 'text-anchor="end"'),
    `<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR}" fill="${ours ? OURS : OTHERS}"/>`,
    rangeOf({ min, max }, y + BAR + 5, x),
    text((x(max) + 8).toFixed(1), y + 11, `${median.toFixed(1)} s (${min.toFixed(1)}–${max.toFixed(1)})`),
  ].join('\n');
}

/**
 * Lying bars of seconds with a line from the least to the greatest: an SVG without script, font or background of its
 * own, so that it reads on white and on dark.
 * @param bars each `{ name, median, min, max, ours }`, seconds
 */
export function chart(title, bars) {
  const most = Math.max(...bars.map(({ max }) => max));
  const x = (value) => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + bars.length * ROW;
  const step = stepOf(most);
  const marks = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
  const grid = marks.map((value) =>
    [
      `<path d="M${x(value).toFixed(1)} ${TOP}V${bottom}" stroke="${TEXT}" stroke-opacity="0.33"/>`,
      text(x(value).toFixed(1), bottom + 16, String(Number(value.toFixed(2))), 'text-anchor="middle"'),
    ].join('\n'),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 40}" width="${WIDTH}" role="img" aria-label="${escape(title)}" font-family="system-ui, sans-serif" font-size="12" fill="${TEXT}">
${text(0, 20, title, 'font-size="14" font-weight="600"')}
${grid.join('\n')}
${bars.map((bar, index) => barOf(bar, index, x)).join('\n')}
${text(LEFT, bottom + 34, 'seconds, median; the line goes from the fastest to the slowest run')}
</svg>
`;
}
