import type { DashboardMapping } from '../../engine/contract/dashboard.js';
import { counted } from '../format.js';
import { h, type Child } from './dom.js';
import { notice } from './parts.js';
import { mappingLink, runLink } from './route.js';

type Hit = DashboardMapping['lines'][number];

const SAID: Readonly<Record<Hit['kind'], readonly [tone: string, words: string]>> = {
  reject: ['bad', 'rejected'],
  warning: ['warn', 'warned of'],
  skipped: ['idle', 'skipped'],
};

/** The mapping's file; lines that decided about rows say about how many, and lead to them. @param at the line asked for */
export function yamlFile(
  { yaml, lines, step, file }: DashboardMapping,
  run: string,
  at: number | null,
): Child {
  if (yaml === null) return null;
  const hits = Map.groupBy(lines, ({ line }) => line);
  const text = yaml.text.replace(/\n$/, '').split('\n');
  return [
    yaml.changed
      ? notice('warn', 'The file has changed since the run: its lines may stand elsewhere now.')
      : null,
    h(
      'div.scroll.yaml',
      { role: 'region', tabindex: 0, 'aria-label': file },
      h(
        'ol',
        null,
        text.map((content, n) =>
          line(n + 1, content, hits.get(n + 1) ?? [], run, step.mapping, n + 1 === at),
        ),
      ),
    ),
  ];
}

function line(
  number: number,
  text: string,
  hits: readonly Hit[],
  run: string,
  mapping: string,
  isAsked: boolean,
): HTMLElement {
  const tone = hits.some(({ kind }) => kind === 'reject')
    ? 'bad'
    : hits.some(({ kind }) => kind === 'warning')
      ? 'warn'
      : hits.length > 0
        ? 'idle'
        : '';
  return h(
    `li.${tone}${isAsked ? '.asked' : ''}`,
    { id: `line-${String(number)}` },
    h(
      'a.number',
      { href: mappingLink(run, mapping, number), 'aria-label': `Line ${String(number)}` },
      number,
    ),
    h('code', null, text === '' ? ' ' : text),
    hits.map(({ kind, rows, rules }) => {
      const [look, word] = SAID[kind];
      const rule = rules.length === 1 ? (rules[0] ?? null) : null;
      const href = runLink(run, 'rejects', { mapping, kind: kind === 'reject' ? null : kind, rule });
      return h(
        `a.hit.${look}`,
        { href },
        `${counted(rows, 'row')} ${word}`,
        rules.length === 0 ? null : ` (${rules.join(', ')})`,
      );
    }),
  );
}
