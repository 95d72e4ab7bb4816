import { ratio, range, spread, surroundings, table } from './figures.mjs';

/** performance.md: [who, against whom, at most]. */
const GOALS = [
  ['crosswalk', 'limit', 1.35],
  ['crosswalk', 'pipe', 0.4],
  ['crosswalk', 'fdw', 0.3],
  ['crosswalk', 'script', 0.15],
  ['crosswalk', 'pgloader', 0.33],
  ['crosswalk-keep', 'pipe', 1],
  ['pass', 'pass-pipe', 1.2],
];

const MEMORY_MB = 256;
const CPU_PER_MILLION_S = 2;

/** Of the two ways to the limit the faster one; undefined where neither counts. */
export const limitOf = (spreads) =>
  ['limit', 'limit-key']
    .filter((name) => spreads[name])
    .sort((a, b) => spreads[a].median - spreads[b].median)[0];

function against(spreads, name, other) {
  const base = spreads[other];
  return base && !name.startsWith('pass') ? ratio(spreads[name].median / base.median) : '';
}

const onFigure = (runs, key, shown) => {
  const found = spread(runs, key);
  return found ? shown(found.median) : '';
};

function mainTable(references, { runs, spreads, absent, failures }) {
  const limit = limitOf(spreads);
  const rows = references.map(({ name, title }) => {
    if (absent[name]) return [`**${name}**: ${title}`, `not run: ${absent[name]}`, '', '', '', ''];
    if (!spreads[name]) {
      const { reason = 'no run' } = failures.find((failure) => failure.name === name) ?? {};
      return [
        `**${name}**: ${title}`,
        `does not count: ${reason.split('\n')[0].slice(0, 200)}`,
        '',
        '',
        '',
        '',
      ];
    }
    return [
      `**${name}**: ${title}${name === limit ? ' (the faster one: the limit)' : ''}`,
      range(spreads[name]),
      against(spreads, name, limit),
      against(spreads, name, 'pipe'),
      onFigure(runs[name], 'cpu', (value) => value.toFixed(1)),
      onFigure(runs[name], 'rss', (value) => value.toFixed(0)),
    ];
  });
  return table(['', 'seconds (min–max)', '× limit', '× pipe', 'Node CPU, s', 'Node memory, MB'], rows);
}

function goalTable({ runs, spreads, startUp }, rows) {
  const limit = limitOf(spreads);
  const lines = GOALS.flatMap(([name, other, most]) => {
    const base = spreads[other === 'limit' ? limit : other];
    if (!spreads[name] || !base) return [];
    return [[`${name} / ${other}`, `≤ ${most}`, ratio(spreads[name].median / base.median)]];
  });
  const ours = spread(runs.crosswalk ?? [], 'cpu');
  if (ours) {
    const perMillion = ((ours.median - startUp) / rows) * 1e6;
    lines.push(
      [
        'Node CPU of `crosswalk` less that of `etl plan`, s a million rows',
        `≤ ${CPU_PER_MILLION_S}`,
        ratio(perMillion),
      ],
      ['memory of `crosswalk`, MB', `≤ ${MEMORY_MB}`, spread(runs.crosswalk, 'rss').max.toFixed(0)],
    );
  }
  return lines.length === 0 ? '' : `\n\n${table(['goal', 'at most', 'here'], lines)}`;
}

/** The whole result in Markdown. */
export function markdown(references, found, { options, version, chartFile }) {
  const { rows, rounds, smoke, latency, server } = options;
  const count = (number) => Math.trunc(number).toLocaleString('en');
  const counted = found.failures.length === 0 ? 'every run' : 'every run that counts';
  return `# ${count(rows)} tasks, ${count(Math.max(rows / 10, 10))} patients, ${count(Math.max(rows / 200, 5))} doctors

${surroundings(version)} Server: ${server}, both databases on it${latency > 0 ? `, a round trip ${latency} ms longer` : ''}. \
${rounds} round${rounds === 1 ? '' : 's'} in turn${smoke ? '' : ' after a warm-up'}; after ${counted} rows, a sum \
over all values and the constraints of the target were compared. \`npm run bench -- --help\`

${mainTable(references, found)}

![the same as a chart](${chartFile})${goalTable(found, rows)}
`;
}
